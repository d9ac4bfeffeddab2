using System.Text;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Contract;

/// <summary>An address that calls too often gets error0124 until its bucket refills.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class RateLimitTests(DatabaseKind kind) : PluginFixture(kind)
{
    private const int Burst = 3;

    private static readonly string[] ThisAddress = ["127.0.0.1", "::1"];

    protected override (string Name, string Value)[] Configuration => [("RateLimit:PerSecond", "1"), ("RateLimit:Burst", $"{Burst}")];

    [Test]
    public async Task A_burst_is_served_then_error0124_before_the_key_is_looked_at_and_after_the_addresses()
    {
        for (var call = 0; call < Burst; call++) await SucceedAsync(Call.Rules, 4);

        // The bucket refills while the calls run, so some calls may pass.
        Assert.That(await FloodAsync(Call.Rules), Does.Match("^(OK )?error0124$"));
        Assert.That(await FloodAsync(Call.Rules.Without("key")), Does.Match("^error0124( error06:key)?$"));
        Assert.That(await FloodAsync(Call.Paid.Without("token")), Does.Match("^error0124( error06:token)?$"));
        // These calls take nothing from the bucket.
        Assert.That(await FloodAsync(Call.Rules.Without("action")), Is.EqualTo("error06:action"));
        await ChangeSettingsAsync(new { barredAddresses = ThisAddress });
        Assert.That(await FloodAsync(Call.Rules), Is.EqualTo("error0112"));
        await ChangeSettingsAsync(new { barredAddresses = Array.Empty<string>(), pluginEnabled = false });
        Assert.That(await FloodAsync(Call.Rules), Is.EqualTo("error01"));
        await ChangeSettingsAsync(new { pluginEnabled = true });

        foreach (var xml in new[] { false, true })
        {
            var text = "";
            await Eventually.HoldsAsync(async () => (text = await Server.PluginTextAsync(Call.Rules + (xml ? "&output=xml" : ""))).Contains("error", StringComparison.Ordinal));
            AssertError(text, 400, "error0124", xml);
        }
        await Eventually.HoldsAsync(async () => (string)(await Server.PluginAsync(Call.Rules.ToString()))["result"]! == "OK");
    }

    [Test]
    public async Task An_address_that_may_not_call_is_told_so_before_its_body_is_read()
    {
        await Eventually.HoldsAsync(async () =>
        {
            await FloodAsync(Call.Rules);
            return (await AnnounceBodyAsync()).Contains("\"error0124\"", StringComparison.Ordinal);
        }, TimeSpan.FromMinutes(1));
        await ChangeSettingsAsync(new { barredAddresses = ThisAddress });
        Assert.That(await AnnounceBodyAsync(), Does.Contain("\"error0112\""));
        await ChangeSettingsAsync(new { pluginEnabled = false });
        Assert.That(await AnnounceBodyAsync(), Does.Contain("\"error01\""));
    }

    /// <summary>The answer to the head of a POST without a body.</summary>
    private async Task<string> AnnounceBodyAsync()
    {
        using var connection = await RawConnection.OpenAsync(Server.Address);
        await connection.SendAsync(Encoding.ASCII.GetBytes(
            $"POST {TestServer.PluginPath + Call.Rules} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n"));
        return (await connection.ReadReplyAsync()).Body;
    }
}
