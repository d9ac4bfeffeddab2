using System.Text;
using MediatR;
using PayRecharge.Application.Payments;
using PayRecharge.Domain.Payments;
using PayRecharge.WebApi.Http;
using PayRecharge.WebApi.Legacy;

namespace PayRecharge.WebApi;

/// <summary>
/// <c>/payjs/notify</c>: hands a notice over as it came. The gateway reads the status alone and allows 3 seconds; 200 is said only
/// when the payment is stored.
/// </summary>
internal sealed class PayjsNotifyController(IMediator mediator, TimeProvider clock, CallLog log)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Answers a notice.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        var (status, text) = (await ReadAsync(context.Request)) switch
        {
            null => (StatusCodes.Status413PayloadTooLarge, "too large"),
            { } body => await JudgeAsync(context, body) switch
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

    // Null if the time ran out.
    private async Task<NoticeVerdict?> JudgeAsync(HttpContext context, byte[] body)
    {
        // A gateway that hangs up does not undo its payment: only the time runs out, not its patience.
        using var limit = new CancellationTokenSource(Patience, clock);
        var isForm = !HttpMethods.IsPost(context.Request.Method)
            || context.Request.ContentType?.Split(';')[0].Trim().Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true;
        try
        {
            return await mediator.Send(new ConfirmPayment(
                isForm ? ReadForm(body) : null,
                Encoding.UTF8.GetString(body),
                Callers.AddressOf(context).ToString()), limit.Token);
        }
        // A database driver says in its own words that a statement was broken off. A shared transaction has a limit of its own.
        catch (Exception exception) when (limit.IsCancellationRequested || exception is OperationCanceledException)
        {
            log.Warn($"A notification was not settled within {Patience.TotalSeconds} s; the gateway will send it again: {exception.GetBaseException().Message}");
            return null;
        }
    }

    // Every field as it came, doubled ones too; one that is no UTF-8 makes it no form.
    private static List<KeyValuePair<string, string>>? ReadForm(byte[] body)
    {
        var pairs = new List<(ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Value)>();
        RequestReader.AddEncoded(pairs, body);
        try
        {
            return pairs.ConvertAll(p => KeyValuePair.Create(StrictUtf8.GetString(p.Name.Span), StrictUtf8.GetString(p.Value.Span)));
        }
        catch (DecoderFallbackException)
        {
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
