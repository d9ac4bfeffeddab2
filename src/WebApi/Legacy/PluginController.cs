using System.Diagnostics;
using System.Net;
using PayRecharge.Application.Accounts;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;
using PayRecharge.WebApi.Http;

namespace PayRecharge.WebApi.Legacy;

/// <summary>
/// <c>/plugin.php</c>: converts a request of the original plugin's clients into a message, and its result into their reply format. The
/// checks run in the original order. The first failure is the reply, always with HTTP 200.
/// </summary>
internal sealed class PluginController(
    ISettingsStore store, CallerLimits limits, OrderProbes probes, KamiProbes kamiProbes, FailedOrders failedOrders, ReadyRules rules, CallLog log)
{
    private static readonly string[] Ids = ["xinxiu_network_plugin:payjs", "xinxiuvip_network_plugin:payjs"];

    private const int FlushAt = 16 * 1024;

    public async Task AnswerAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        LegacyParameters? parameters = null;
        LegacyReply reply;
        try
        {
            var settings = await store.GetAsync(context.RequestAborted);
            var caller = Callers.AddressOf(context);
            // A body takes memory: refuse the address before it can send one.
            var isPost = HttpMethods.IsPost(context.Request.Method);
            if (isPost && limits.CheckAddress(caller, settings) is { } limited)
            {
                reply = Refused(caller, settings.PluginEnabled ? limited : LegacyError.PluginOff);
            }
            else
            {
                parameters = await RequestReader.ReadAsync(context.Request, settings.Charset, context.RequestAborted);
                using var call = new LegacyCall(context, parameters, probes, kamiProbes, failedOrders, rules);
                reply = await ReplyAsync(call, settings, isCounted: isPost);
            }
        }
        catch (RefusedException refused)
        {
            // The detail is our own text. It tells operators the reason that a legacy code hides.
            log.Refused(Callers.AddressOf(context), refused.Message);
            reply = LegacyReplies.Failed(RefusalCodes.All[refused.Refusal]);
        }
        catch (BadHttpRequestException malformed)
        {
            // Malformed or oversized HTTP keeps the server's own status. All other replies are ours.
            context.Response.StatusCode = malformed.StatusCode;
            return;
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            log.Failed("A request could not be answered", exception);
            reply = LegacyReplies.Failed(LegacyError.OurFault);
        }
        await WriteAsync(context, reply, parameters is null ? context.Request.Query["output"] : parameters["output"], started);
    }

    private static async Task WriteAsync(HttpContext context, LegacyReply reply, string? output, long started)
    {
        var writer = LegacyWriter.For(context.Response, string.Equals(output, "xml", StringComparison.OrdinalIgnoreCase));
        var body = context.Response.BodyWriter;
        await reply(writer, async () =>
        {
            writer.HandOver();
            if (body.UnflushedBytes > FlushAt) await body.FlushAsync(context.RequestAborted);
        });
        writer.Close(Stopwatch.GetElapsedTime(started));
        // No reply is empty: 0 bytes mean that the caller is gone.
        if (!context.Response.HasStarted && body.UnflushedBytes is > 0 and var length) context.Response.ContentLength = length;
        await body.FlushAsync(context.RequestAborted);
    }

    private async Task<LegacyReply> ReplyAsync(LegacyCall call, RechargeSettings settings, bool isCounted)
    {
        var (parameters, caller) = (call.Parameters, call.Caller);
        if (parameters.IsMissing("action")) return Refused(caller, LegacyError.Missing("action"));
        var name = parameters["action"] ?? "";
        if (settings.ClosedActions.Contains(name, StringComparer.Ordinal)) return Refused(caller, LegacyError.ActionClosed);
        if (!settings.PluginEnabled) return Refused(caller, LegacyError.PluginOff);
        if (!isCounted && limits.CheckAddress(caller, settings) is { } limited) return Refused(caller, limited);

        ActionTable.All.TryGetValue(name, out var action);
        if (action?.OrderParameter is { } order && limits.CheckOrder(parameters[order]) is { } asked) return Refused(caller, asked);
        if (action is { ByToken: true })
        {
            if (parameters.IsMissing("token")) return Refused(caller, LegacyError.Missing("token"));
            call.Login = await call.SendAsync(new ReadLogin(call["token"]));
        }
        else
        {
            if (parameters.IsMissing("key")) return Refused(caller, LegacyError.Missing("key"));
            if (!parameters.IsSecret("key", settings.TransportKey)) return Refused(caller, LegacyError.WrongKey);
        }

        if (action is null || !Ids.Contains(parameters["id"], StringComparer.Ordinal)) return Refused(caller, LegacyError.UnknownAction);
        if (Array.Find(action.Required, required => parameters.IsMissing(required)) is { } missing) return Refused(caller, LegacyError.Missing(missing));
        if (Array.Exists(action.Required, parameters.IsMalformed) || Array.Exists(action.Optional, parameters.IsMalformed)) throw new RefusedException(Refusal.FieldInvalid);
        return await action.Run(call);
    }

    private LegacyReply Refused(IPAddress caller, LegacyError error)
    {
        log.Refused(caller, error.Result);
        return LegacyReplies.Failed(error);
    }
}
