using System.Diagnostics;
using MediatR;
using Microsoft.Extensions.Logging;
using PayRecharge.Domain;

namespace PayRecharge.Application.Behaviors;

/// <summary>Logs name, duration and reason of a refused message, not its content: that may be a key, a token or a buyer's text.</summary>
internal sealed class LoggingBehavior<TRequest, TResponse>(ILogger<LoggingBehavior<TRequest, TResponse>> logger) : IPipelineBehavior<TRequest, TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            return await next();
        }
        catch (RefusedException refused)
        {
            // A caller can cause the other refusals by the thousand; CallLog sums them up.
            var level = refused.Refusal == Refusal.GatewayFailed ? LogLevel.Warning : LogLevel.Debug;
            logger.Log(level, "{Request} refused after {Elapsed:0} ms: {Reason}", typeof(TRequest).Name, ElapsedMs(started), refused.Message);
            throw;
        }
    }

    private static decimal ElapsedMs(long started) => Stopwatch.GetElapsedTime(started).Ticks / (decimal)TimeSpan.TicksPerMillisecond;
}
