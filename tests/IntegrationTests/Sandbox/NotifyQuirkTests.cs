using Microsoft.Extensions.Time.Testing;
using PayRecharge.Sandbox;

namespace PayRecharge.IntegrationTests.Sandbox;

internal sealed class NotifyQuirkTests : SandboxFixture
{
    private FakeTimeProvider clock = null!;
    private Receiver receiver = null!;

    protected override TimeProvider Clock => clock = new FakeTimeProvider(new DateTimeOffset(2024, 2, 29, 16, 0, 0, TimeSpan.Zero));

    [SetUp]
    public async Task StartReceiver() => receiver = await Receiver.StartAsync();

    [TearDown]
    public ValueTask StopReceiver() => receiver.DisposeAsync();

    private Task AttemptsAsync(string id, int count) =>
        SandboxHost.UntilAsync(async () => (await Sandbox.AttemptsAsync(id)).Length >= count);

    private async Task<string> AttemptsAsync(string id, string member) =>
        string.Join(' ', (await Sandbox.AttemptsAsync(id)).Select(attempt => attempt[member]));

    [Test]
    public async Task Delay_shifts_the_schedule()
    {
        receiver.AnswerStatus(500);
        await Sandbox.QuirksAsync(new { notifyDelaySeconds = 7 });
        var id = await Sandbox.PaidOrderAsync(receiver.Url);
        clock.Advance(TimeSpan.FromSeconds(6));
        clock.Advance(TimeSpan.FromSeconds(1));
        await AttemptsAsync(id, 1);
        clock.Advance(TimeSpan.FromSeconds(15));
        await AttemptsAsync(id, 2);

        Assert.That(await AttemptsAsync(id, "offset_seconds"), Is.EqualTo("7 22"));
    }

    [Test]
    public async Task Copies_are_there_at_the_same_time()
    {
        await Sandbox.QuirksAsync(new { notifyCopies = 3 });
        // No copy is answered before all have arrived.
        receiver.Answer = _ => receiver.UntilAsync(3);
        var id = await Sandbox.PaidOrderAsync(receiver.Url);
        await AttemptsAsync(id, 3);

        Assert.That(await AttemptsAsync(id, "status"), Is.EqualTo("200 200 200"));
        Assert.That(receiver.Forms.Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Reorder_sends_the_later_payment_first()
    {
        await Sandbox.QuirksAsync(new { notifyReorder = true });
        var first = await Sandbox.PaidOrderAsync(receiver.Url);
        await Sandbox.HoldsANotificationAsync();
        var second = await Sandbox.PaidOrderAsync(receiver.Url);
        await receiver.UntilAsync(2);

        Assert.That(
            string.Join(' ', receiver.Forms.Select(form => Receiver.Fields(form)["payjs_order_id"])), Is.EqualTo($"{second} {first}"));
    }

    [Test]
    public async Task Reorder_holds_none_for_ever()
    {
        await Sandbox.QuirksAsync(new { notifyReorder = true });
        var id = await Sandbox.PaidOrderAsync(receiver.Url);
        await SandboxHost.UntilAsync(async () =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return (await Sandbox.AttemptsAsync(id)).Length == 1;
        });

        Assert.That((double?)(await Sandbox.AttemptsAsync(id))[0]["offset_seconds"], Is.GreaterThanOrEqualTo(10));
    }

    [Test]
    public async Task Dropped_attempts_are_made_up_for_by_later_ones()
    {
        await Sandbox.QuirksAsync(new { notifyDropPercent = 100 });
        var id = await Sandbox.PaidOrderAsync(receiver.Url);
        await AttemptsAsync(id, 1);
        Assert.That(await AttemptsAsync(id, "error"), Is.EqualTo("dropped"));
        Assert.That(receiver.Forms, Is.Empty);

        await Sandbox.QuirksAsync(new { });
        clock.Advance(TimeSpan.FromSeconds(15));
        await receiver.UntilAsync(1);
    }

    [TestCase("wrongSign", "1990")]
    [TestCase("wrongAmount", "1991")]
    [TestCase("unsigned", "1991")]
    public async Task A_forged_copy_comes_first_and_its_answer_counts_for_nothing(string forgery, string amount)
    {
        await Sandbox.QuirksAsync(new { notifyForge = forgery });
        var id = await Sandbox.PaidOrderAsync(receiver.Url);
        await receiver.UntilAsync(2);
        await AttemptsAsync(id, 2);

        var forged = Receiver.Fields(receiver.Forms.First());
        var genuine = Receiver.Fields(receiver.Forms.Last());
        Assert.That(forged["total_fee"], Is.EqualTo(amount));
        Assert.That(forged.ContainsKey("sign"), Is.EqualTo(forgery != "unsigned"));
        Assert.That(forged.GetValueOrDefault("sign"), Is.Not.EqualTo(Signature.Of(forged, "sandbox-key")));
        Assert.That(genuine["sign"], Is.EqualTo(Signature.Of(genuine, "sandbox-key")));
        Assert.That(await AttemptsAsync(id, "kind"), Is.EqualTo("forged scheduled"));
    }

    [Test]
    public async Task A_gateway_that_ignores_the_status_goes_on()
    {
        await Sandbox.QuirksAsync(new { notifyIgnoresStatus = true });
        var id = await Sandbox.PaidOrderAsync(receiver.Url);
        var count = 0;
        foreach (var step in new[] { 0, 15, 15, 150, 1620, 1800 })
        {
            clock.Advance(TimeSpan.FromSeconds(step));
            await AttemptsAsync(id, ++count);
        }

        Assert.That(await AttemptsAsync(id, "offset_seconds"), Is.EqualTo("0 15 30 180 1800 3600"));
        Assert.That(receiver.Forms, Has.Count.EqualTo(6));
    }
}
