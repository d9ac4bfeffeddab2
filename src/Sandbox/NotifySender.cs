using System.Net;

namespace PayRecharge.Sandbox;

internal enum NotifyKind
{
    Scheduled,
    Manual,
    Forged,
}

/// <param name="OffsetSeconds">Seconds from the payment to the attempt.</param>
/// <param name="Kind">Why the notice was sent.</param>
/// <param name="Status">The HTTP status of the answer; null without one.</param>
/// <param name="Error">Why there was no answer: <c>timeout</c>, <c>unreachable</c>, or <c>dropped</c> by a quirk.</param>
internal sealed record NotifyAttempt(double OffsetSeconds, NotifyKind Kind, int? Status, string? Error);

/// <summary>Sends a notice to the order's notify_url and records the result.</summary>
internal sealed class NotifySender(SandboxOptions options, QuirkSettings settings, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(3);

    // No redirects, no proxy: both could send the form to a host that is not in the order's notify_url.
    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public async Task SendAsync(Order order, Payment payment, NotifyKind kind, CancellationToken stopping)
    {
        var sent = clock.GetUtcNow();
        var (status, error) = await PostAsync(order.Terms.NotifyUrl!, NotifyMessage.Genuine(order, payment, options.MerchantKey), stopping);
        Record(order, payment, sent, kind, status, error);
        if (status == HttpStatusCode.OK && !settings.Current.NotifyIgnoresStatus)
            order.EndNotifying();
    }

    public async Task ForgeAsync(Order order, Payment payment, Forgery forgery, CancellationToken stopping)
    {
        var sent = clock.GetUtcNow();
        var (status, error) = await PostAsync(
            order.Terms.NotifyUrl!, NotifyMessage.Forged(order, payment, options.MerchantKey, forgery), stopping);
        Record(order, payment, sent, NotifyKind.Forged, status, error);
    }

    public void Drop(Order order, Payment payment) =>
        Record(order, payment, clock.GetUtcNow(), NotifyKind.Scheduled, null, "dropped");

    public void Dispose() => client.Dispose();

    private async Task<(HttpStatusCode? Status, string? Error)> PostAsync(
        Uri address, List<KeyValuePair<string, string>> fields, CancellationToken stopping)
    {
        using var late = new CancellationTokenSource(AnswerTime, clock);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stopping);
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(fields) };
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, over.Token);
            return (response.StatusCode, null);
        }
        catch (HttpRequestException)
        {
            return (null, "unreachable");
        }
        catch (OperationCanceledException)
        {
            return (null, "timeout");
        }
    }

    private static void Record(
        Order order, Payment payment, DateTimeOffset sent, NotifyKind kind, HttpStatusCode? status, string? error) =>
        order.Record(new(Math.Round((sent - payment.At).TotalSeconds, 3), kind, (int?)status, error));
}
