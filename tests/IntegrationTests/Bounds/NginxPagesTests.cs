using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using PayRecharge.IntegrationTests.Contract;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Bounds;

/// <summary>Runs nginx with the configurations from the documents.</summary>
internal sealed class NginxPagesTests() : PluginFixture(DatabaseKind.Sqlite)
{
    // The raw GBK bytes of a Chinese text, not percent-encoded.
    private static readonly byte[] Raw = [.. "&body="u8, 0xB3, 0xE4, 0xD6, 0xB5];

    private static readonly string[] Ids = ["xinxiu_network_plugin:payjs", "xinxiuvip_network_plugin:payjs", "xinxiu_network_plugin%3Apayjs", "xinxiu_network_plugin%3apayjs"];

    [TestCase("/plugin.php")]
    [TestCase("/bbs/plugin.php")]
    public async Task Beside_a_forum_the_plugins_calls_are_ours_and_all_others_the_forums(string path)
    {
        await using var nginx = await BesideAForumAsync(path);
        foreach (var id in Ids)
        {
            Gateway.Requests.Clear();
            var query = $"?id={id}&action=payjs_credit&credits=2&money=1&username=demo&key={Call.Key}";
            var reply = await RawConnection.AskAsync(nginx.Address, RawConnection.Get([.. Encoding.ASCII.GetBytes(path + query), .. Raw]));
            Assert.That(reply.Body, Does.Contain("\"code\":200"), id);
            Assert.That(Gateway.Requests.Single().Form["body"], Is.EqualTo("充值"), "raw GBK is as the client sent it");
        }
        foreach (var id in new[] { "xinxiu_network:login", "another_plugin", "xinxiu_network_plugin:payjs2" })
            Assert.That((await RawConnection.AskAsync(nginx.Address, RawConnection.Get($"{path}?id={id}&key={Call.Key}"))).Body, Is.EqualTo("the forum"), id);
        Assert.That((await RawConnection.AskAsync(nginx.Address, RawConnection.Get(path))).Body, Is.EqualTo("the forum"));
    }

    [Test]
    public async Task The_log_holds_no_key_and_no_token()
    {
        await using var nginx = await AsInTheReadmeAsync(Ours);
        var reply = await RawConnection.AskAsync(nginx.Address, RawConnection.Get($"{TestServer.PluginPath}&action=payjs_kamis_list&key={Call.Key}"));
        Assert.That(reply.Body, Does.Contain("\"code\":200"));
        await Eventually.HoldsAsync(() => Task.FromResult(nginx.AccessLog.Contains("GET /plugin.php", StringComparison.Ordinal)));
        Assert.That(nginx.AccessLog, Does.Not.Contain(Call.Key));
    }

    [TestCase("README.md")]
    [TestCase("docs/operations.md")]
    public async Task Nor_does_the_log_of_errors_when_the_server_does_not_answer(string page)
    {
        var nobody = $"http://127.0.0.1:{FreePort.Next()}";
        await using var nginx = page == "README.md" ? await AsInTheReadmeAsync(nobody) : await BesideAForumAsync("/plugin.php", nobody);
        var reply = await RawConnection.AskAsync(nginx.Address, RawConnection.Get($"{TestServer.PluginPath}&action=payjs_kamis_list&key={Call.Key}"));
        Assert.That(reply.Status, Is.EqualTo(502));
        Assert.That(nginx.ErrorLog, Does.Not.Contain(Call.Key));
    }

    private static Task<NginxProxy> AsInTheReadmeAsync(string server)
    {
        var block = Regex.Match(Page("README.md"), @"```nginx\n(.*?)```", RegexOptions.Singleline).Groups[1].Value.Replace("http://127.0.0.1:5080", server, StringComparison.Ordinal);
        var format = Regex.Match(block, "log_format.*?;").Value;
        return NginxProxy.StartAsync(format, block.Replace(format, "", StringComparison.Ordinal).Replace("large_client_header_buffers 4 32k;", "", StringComparison.Ordinal));
    }

    private string Ours => $"http://{Server.Address.Host}:{Server.Address.Port}";

    private Task<NginxProxy> BesideAForumAsync(string path) => BesideAForumAsync(path, Ours);

    private static Task<NginxProxy> BesideAForumAsync(string path, string server)
    {
        var block = Regex.Match(Page("docs/operations.md"), @"## Beside a forum.*?```nginx\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        var map = Regex.Match(block, @"map .*?\n}\n", RegexOptions.Singleline).Value;
        var locations = block.Replace(map, "", StringComparison.Ordinal)
            .Replace("# the forum's own lines for PHP, such as fastcgi_pass", "return 200 'the forum';", StringComparison.Ordinal)
            .Replace("{ … }", "{ return 404; }", StringComparison.Ordinal)
            .Replace("proxy_pass http://127.0.0.1:5080;", path == "/plugin.php" ? $"proxy_pass {server};" : $"proxy_pass {server}/plugin.php$is_args$args;", StringComparison.Ordinal)
            .Replace("location = /plugin.php", $"location = {path}", StringComparison.Ordinal);
        Assert.That(locations, Does.Contain("return 200"));
        return NginxProxy.StartAsync("log_format payrecharge '$uri';\n" + map, locations);
    }

    private static string Page(string name, [CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", name));
}
