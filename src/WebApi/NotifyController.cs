using System.Text;
using MediatR;
using PayRecharge.Application.Payments;
using PayRecharge.Domain.Payments;
using PayRecharge.WebApi.Http;

namespace PayRecharge.WebApi;

/// <summary>
/// <c>/{gateway}/notify</c>: forwards a notice unchanged. A gateway reads only the status and waits 3 seconds. The status is 200 only if
/// the payment is stored.
/// </summary>
internal sealed class NotifyController(IMediator mediator, TimeProvider clock, CallLog log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task AnswerAsync(HttpContext context, string gateway)
    {
        var (status, text) = (await ReadAsync(context.Request)) switch
        {
            null => (StatusCodes.Status413PayloadTooLarge, "too large"),
            { } body => await JudgeAsync(context, gateway, body) switch
            {
                null => (StatusCodes.Status503ServiceUnavailable, "fail"),
                NoticeVerdict.Accepted => (StatusCodes.Status200OK, "success"),
                NoticeVerdict.TooMany => (StatusCodes.Status429TooManyRequests, "fail"),
                NoticeVerdict.NotConfigured => (StatusCodes.Status503ServiceUnavailable, "fail"),
                _ => (StatusCodes.Status400BadRequest, "fail"),
            },
        };
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain";
        await context.Response.WriteAsync(text, context.RequestAborted);
    }

    // Null on a timeout.
    private async Task<NoticeVerdict?> JudgeAsync(HttpContext context, string gateway, byte[] body)
    {
        // A gateway that hangs up does not undo its payment: only the timeout cancels the call.
        using var limit = new CancellationTokenSource(Patience, clock);
        var contentType = HttpMethods.IsPost(context.Request.Method) ? context.Request.ContentType : "application/x-www-form-urlencoded";
        try
        {
            return await mediator.Send(new ConfirmPayment(gateway, new(body, contentType), Callers.AddressOf(context).ToString()), limit.Token);
        }
        // A database driver throws its own exception for a cancelled statement. A shared transaction has its own timeout.
        catch (Exception exception) when (limit.IsCancellationRequested || exception is OperationCanceledException)
        {
            log.Warn($"A notification was not settled within {Patience.TotalSeconds} s; the gateway will send it again: {exception.GetBaseException().Message}");
            return null;
        }
    }

    private static async Task<byte[]?> ReadAsync(HttpRequest request)
    {
        if (!HttpMethods.IsPost(request.Method))
        {
            var query = Encoding.UTF8.GetBytes(request.QueryString.Value is { Length: > 0 } text ? text[1..] : "");
            return query.Length <= Notification.MaximumBytes ? query : null;
        }
        var buffer = new byte[Notification.MaximumBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, request.HttpContext.RequestAborted);
        return length <= Notification.MaximumBytes ? buffer[..length] : null;
    }
}
