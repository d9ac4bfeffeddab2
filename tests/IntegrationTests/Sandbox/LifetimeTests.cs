using System.Net;
using Microsoft.Extensions.Time.Testing;
using PayRecharge.Sandbox;

namespace PayRecharge.IntegrationTests.Sandbox;

internal sealed class LifetimeTests : SandboxFixture
{
    private FakeTimeProvider clock = null!;

    // The last second of a leap day in Beijing; in UTC it is still afternoon.
    protected override TimeProvider Clock => clock = new FakeTimeProvider(new DateTimeOffset(2024, 2, 29, 15, 59, 59, TimeSpan.Zero));

    [Test]
    public async Task Numbers_and_times_are_Beijing_s()
    {
        var id = await Sandbox.OrderAsync();
        clock.Advance(TimeSpan.FromSeconds(1));
        using var paid = await Sandbox.PayAsync(id);

        Assert.That(id, Does.Match(@"^2024022923595900\d{9}$"));
        Assert.That((string?)(await Sandbox.CallAsync("check", id))["paid_time"], Is.EqualTo("2024-03-01 00:00:00"));
    }

    [TestCase(null, 7199, HttpStatusCode.OK)]
    [TestCase(null, 7200, HttpStatusCode.Conflict)]
    [TestCase("20240301000959", 599, HttpStatusCode.OK)]
    [TestCase("20240301000959", 600, HttpStatusCode.Conflict)]
    [TestCase("20240302000000", 7200, HttpStatusCode.Conflict)]
    public async Task A_code_can_be_paid_until_it_expires(string? expiry, int seconds, HttpStatusCode status)
    {
        var fields = Sandbox.Native();
        if (expiry is not null)
            fields["time_expire"] = expiry;
        var id = await Sandbox.OrderAsync(fields);
        clock.Advance(TimeSpan.FromSeconds(seconds));

        using var response = await Sandbox.PayAsync(id);

        Assert.That(response.StatusCode, Is.EqualTo(status));
        Assert.That((int?)(await Sandbox.CallAsync("check", id))["status"], Is.EqualTo(status == HttpStatusCode.OK ? 1 : 0));
    }

    [TestCase("close", 30, "订单已超过 30 天", "关闭成功")]
    [TestCase("reverse", 7, "订单已超过 7 天", "撤销成功")]
    public async Task Old_orders_are_left_alone(string call, int days, string refusal, string success)
    {
        var old = await Sandbox.OrderAsync();
        clock.Advance(TimeSpan.FromSeconds(1));
        var younger = await Sandbox.OrderAsync();
        clock.Advance(TimeSpan.FromDays(days));

        Assert.That((string?)(await Sandbox.CallAsync(call, old))["return_msg"], Is.EqualTo(refusal));
        Assert.That((string?)(await Sandbox.CallAsync(call, younger))["return_msg"], Is.EqualTo(success));
    }

    [Test]
    public void The_oldest_orders_make_room()
    {
        var book = new OrderBook(TimeProvider.System, new SandboxOptions { MaxOrders = 2 });
        var ids = new List<string>();
        foreach (var number in new[] { "A", "B", "C" })
        {
            Assert.That(book.TryOpen("1", new OrderTerms(number, 1, null, null, null, null, null), out var order));
            ids.Add(order!.Id);
        }

        Assert.That(book.Find(ids[0]), Is.Null);
        Assert.That(string.Join(' ', book.Newest(9).Select(order => order.Id)), Is.EqualTo($"{ids[2]} {ids[1]}"));
    }
}
