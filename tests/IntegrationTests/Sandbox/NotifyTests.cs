using System.Net;
using Microsoft.Extensions.Time.Testing;
using PayRecharge.IntegrationTests.Support;
using PayRecharge.Sandbox;

namespace PayRecharge.IntegrationTests.Sandbox;

internal sealed class NotifyTests : SandboxFixture
{
    private static readonly int[] Schedule = [0, 15, 30, 180, 1800, 3600];

    private FakeTimeProvider clock = null!;
    private Receiver receiver = null!;

    protected override TimeProvider Clock => clock = new FakeTimeProvider(new DateTimeOffset(2024, 2, 29, 16, 0, 42, TimeSpan.Zero));

    [SetUp]
    public async Task StartReceiver() => receiver = await Receiver.StartAsync();

    [TearDown]
    public ValueTask StopReceiver() => receiver.DisposeAsync();

    private Task AttemptsAsync(string id, int count) =>
        SandboxHost.UntilAsync(async () => (await Sandbox.AttemptsAsync(id)).Length >= count);

    /// <summary>Pauses one second before each step, so that an early attempt is recorded.</summary>
    private async Task WalkAsync(string id, params IEnumerable<int> offsets)
    {
        var attempts = 0;
        var passed = 0;
        foreach (var offset in offsets)
        {
            if (offset > passed)
            {
                clock.Advance(TimeSpan.FromSeconds(offset - passed - 1));
                clock.Advance(TimeSpan.FromSeconds(1));
            }

            passed = offset;
            await AttemptsAsync(id, ++attempts);
        }
    }

    /// <summary>Gives an attempt that must not happen time to show.</summary>
    private async Task AnotherIsNotifiedAsync() => await AttemptsAsync(await Sandbox.PaidOrderAsync(receiver.Url), 1);

    private async Task<string> OffsetsAsync(string id) =>
        string.Join(' ', (await Sandbox.AttemptsAsync(id)).Select(attempt => attempt["offset_seconds"]!.ToJsonString()));

    [Test]
    public async Task Says_what_was_paid_in_signed_form_fields()
    {
        var fields = Sandbox.Native(receiver.Url);
        fields["attach"] = "付款 a&b=c+d";
        fields["type"] = "alipay";
        var id = await Sandbox.OrderAsync(fields);
        using var paid = await Sandbox.PayAsync(id);
        await receiver.UntilAsync(1);

        var form = receiver.Forms.Single();
        var notify = Receiver.Fields(form);
        Assert.That(receiver.ContentType, Is.EqualTo("application/x-www-form-urlencoded"));
        Assert.That(
            string.Join(' ', form.Split('&').Select(pair => pair.Split('=')[0])),
            Is.EqualTo("attach mchid openid out_trade_no payjs_order_id return_code time_end total_fee transaction_id type sign"));
        Assert.That(form, Does.Contain("time_end=2024-03-01+00%3A00%3A42&total_fee=1990&"));
        Assert.That(notify["attach"], Is.EqualTo("付款 a&b=c+d"));
        Assert.That(notify["payjs_order_id"], Is.EqualTo(id));
        Assert.That(notify["return_code"], Is.EqualTo("1"));
        Assert.That(notify["type"], Is.EqualTo("alipay"));
        Assert.That(notify["sign"], Is.EqualTo(Signature.Of(notify, "sandbox-key")));
        var check = await Sandbox.CallAsync("check", id);
        Assert.That(notify["transaction_id"], Is.EqualTo((string?)check["transaction_id"]));
        Assert.That(notify["openid"], Is.EqualTo((string?)check["openid"]));
    }

    [Test]
    public async Task Leaves_out_what_the_order_has_not()
    {
        await Sandbox.PaidOrderAsync(receiver.Url);
        await receiver.UntilAsync(1);
        Assert.That(Receiver.Fields(receiver.Forms.Single()), Does.Not.ContainKey("attach").And.Not.ContainKey("type"));
    }

    [TestCase(500)]
    [TestCase(204)]
    [TestCase(302)]
    public async Task Anything_but_200_goes_on_with_the_schedule(int status)
    {
        receiver.Answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        };
        var id = await Sandbox.PaidOrderAsync(receiver.Url);
        await WalkAsync(id, Schedule);

        Assert.That(await OffsetsAsync(id), Is.EqualTo("0 15 30 180 1800 3600"));
        Assert.That(receiver.Forms, Has.Count.EqualTo(6));
        Assert.That((await Sandbox.AttemptsAsync(id)).Select(attempt => (int?)attempt["status"]), Is.All.EqualTo(status));
    }

    [Test]
    public async Task A_200_ends_it()
    {
        receiver.AnswerStatus(500);
        var id = await Sandbox.PaidOrderAsync(receiver.Url);
        await WalkAsync(id, 0);
        receiver.AnswerStatus(200);
        clock.Advance(TimeSpan.FromSeconds(15));
        await AttemptsAsync(id, 2);
        clock.Advance(TimeSpan.FromHours(2));
        await AnotherIsNotifiedAsync();

        Assert.That(await OffsetsAsync(id), Is.EqualTo("0 15"));
    }

    [Test]
    public async Task Silence_for_three_seconds_is_a_failure()
    {
        receiver.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        var id = await Sandbox.PaidOrderAsync(receiver.Url);
        await receiver.UntilAsync(1);
        clock.Advance(TimeSpan.FromSeconds(3));
        await AttemptsAsync(id, 1);
        receiver.AnswerStatus(200);
        clock.Advance(TimeSpan.FromSeconds(12));
        await AttemptsAsync(id, 2);

        Assert.That(await OffsetsAsync(id), Is.EqualTo("0 15"));
        Assert.That((string?)(await Sandbox.AttemptsAsync(id))[0]["error"], Is.EqualTo("timeout"));
    }

    [Test]
    public async Task Nobody_there_is_a_failure()
    {
        await receiver.DisposeAsync();
        // Port 1 (tcpmux) is never listened on here.
        var id = await Sandbox.PaidOrderAsync("http://127.0.0.1:1/notify");
        await AttemptsAsync(id, 1);
        Assert.That((string?)(await Sandbox.AttemptsAsync(id))[0]["error"], Is.EqualTo("unreachable"));
    }

    [Test]
    public async Task A_check_of_the_paid_order_ends_it()
    {
        receiver.AnswerStatus(500);
        var id = await Sandbox.PaidOrderAsync(receiver.Url);
        await WalkAsync(id, 0);
        await Sandbox.CallAsync("check", id);
        clock.Advance(TimeSpan.FromHours(2));
        await AnotherIsNotifiedAsync();

        Assert.That(await OffsetsAsync(id), Is.EqualTo("0"));
    }

    [Test]
    public async Task May_be_sent_again_by_hand()
    {
        var id = await Sandbox.PaidOrderAsync(receiver.Url);
        await AttemptsAsync(id, 1);
        clock.Advance(TimeSpan.FromDays(3));
        using var response = await Sandbox.Client.PostAsync($"/sandbox/payjs/orders/{id}/notify", null);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await OffsetsAsync(id), Is.EqualTo("0 259200"));
        Assert.That(receiver.Forms.Last(), Is.EqualTo(receiver.Forms.First()));
    }

    [Test]
    public async Task Without_payment_or_address_there_is_nothing_to_send()
    {
        foreach (var id in new[] { await Sandbox.OrderAsync(Sandbox.Native(receiver.Url)), await Sandbox.PaidOrderAsync() })
        {
            using var response = await Sandbox.Client.PostAsync($"/sandbox/payjs/orders/{id}/notify", null);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        }

        Assert.That(receiver.Forms, Is.Empty);
    }

    [Test]
    public async Task Stopping_the_host_waits_for_no_schedule()
    {
        receiver.AnswerStatus(500);
        var id = await Sandbox.PaidOrderAsync(receiver.Url);
        await WalkAsync(id, 0);
        await Sandbox.StopAsync().WaitAsync(Eventually.Patience);
        Assert.That(receiver.Forms, Has.Count.EqualTo(1));
    }
}
