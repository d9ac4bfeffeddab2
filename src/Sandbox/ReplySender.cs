using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace PayRecharge.Sandbox;

/// <summary>Writes a reply as the quirks demand. The call has already taken effect, as with a real fault on the way back.</summary>
internal sealed class ReplySender(
    QuirkSettings settings, SandboxOptions options, TimeProvider clock, IHostApplicationLifetime lifetime)
{
    public async Task SendAsync(HttpContext context, PayjsCall call, Reply reply)
    {
        var quirks = settings.Current;
        if (!quirks.ApplyTo(call))
            quirks = new Quirks();

        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        if (quirks.ReplyDelayMilliseconds > 0)
            await PauseAsync(TimeSpan.FromMilliseconds(quirks.ReplyDelayMilliseconds), over.Token);

        switch (quirks.ReplyMode)
        {
            case ReplyMode.Silent:
                await PauseAsync(Timeout.InfiniteTimeSpan, over.Token);
                context.Abort();
                break;
            case ReplyMode.CutConnection:
                await CutAsync(context, reply.ToJson(options.MerchantKey));
                break;
            case ReplyMode.Html500:
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                await WriteAsync(context, "text/html; charset=utf-8", "<!DOCTYPE html><title>500</title><h1>Server Error</h1>"u8.ToArray());
                break;
            case ReplyMode.Garbage:
                await WriteAsync(context, "application/json", RandomNumberGenerator.GetBytes(256));
                break;
            case ReplyMode.EmptyObject:
                await WriteAsync(context, "application/json", "{}"u8.ToArray());
                break;
            default:
                await WriteAsync(context, "application/json", Altered(reply, quirks.ReplyMode));
                break;
        }
    }

    private byte[] Altered(Reply reply, ReplyMode mode) => mode switch
    {
        ReplyMode.WrongSign => reply.ToJson($"not {options.MerchantKey}"),
        ReplyMode.Unsigned => reply.Unsigned().ToJson(options.MerchantKey),
        ReplyMode.OtherAmount => Altered(reply, "total_fee"),
        ReplyMode.OtherNumber => Altered(reply, reply.Members.ContainsKey("out_trade_no") ? "out_trade_no" : "payjs_order_id"),
        _ => reply.ToJson(options.MerchantKey),
    };

    /// <summary>A correctly signed change: only a comparison with the order detects it.</summary>
    private byte[] Altered(Reply reply, string name) =>
        (reply.Members.GetValueOrDefault(name) switch
        {
            long amount => reply.With(name, amount + 1),
            string text => reply.With(name, $"{text}1"),
            _ => reply,
        }).ToJson(options.MerchantKey);

    private async Task PauseAsync(TimeSpan length, CancellationToken over) =>
        await Task.Delay(length, clock, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static async Task CutAsync(HttpContext context, byte[] body)
    {
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body.AsMemory(0, body.Length / 2));
        await context.Response.Body.FlushAsync();
        context.Abort();
    }

    private static async Task WriteAsync(HttpContext context, string type, byte[] body)
    {
        context.Response.ContentType = type;
        await context.Response.Body.WriteAsync(body);
    }
}
