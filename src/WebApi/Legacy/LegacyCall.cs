using System.Net;
using MediatR;
using PayRecharge.Domain.Accounts;
using PayRecharge.WebApi.Http;

namespace PayRecharge.WebApi.Legacy;

/// <summary>A parsed call. Objects that most calls do not need are created on first use.</summary>
internal sealed class LegacyCall(HttpContext context, LegacyParameters parameters, OrderProbes probes, KamiProbes kamiProbes, FailedOrders failedOrders, ReadyRules rules) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private CancellationTokenSource? _limit;

    public LegacyParameters Parameters => parameters;

    public IPAddress Caller { get; } = Callers.AddressOf(context);

    /// <summary>The caller's limit on unknown orders.</summary>
    public OrderProbes Probes => probes;

    /// <summary>The caller's limit on unknown kamis.</summary>
    public KamiProbes KamiProbes => kamiProbes;

    /// <summary>The reply that lists the rules.</summary>
    public ReadyRules Rules => rules;

    /// <summary>The caller's limit on orders that fail at the gateway.</summary>
    public FailedOrders FailedOrders => failedOrders;

    /// <summary>The token's login, for actions that take a token.</summary>
    public Login? Login { get; set; }

    /// <summary>Cancelled if the client disconnects.</summary>
    public CancellationToken Aborted => context.RequestAborted;

    /// <summary>The text of a parameter; empty if absent.</summary>
    public string this[string name] => parameters[name] ?? "";

    /// <summary>Sends a message within the time limit of the call.</summary>
    public Task<T> SendAsync<T>(IRequest<T> message) => context.RequestServices.GetRequiredService<IMediator>().Send(message, Limit.Token);

    /// <summary>Extends the time limit by that much, counted from now.</summary>
    public void AllowLonger(TimeSpan time) => Limit.CancelAfter(Patience + time);

    public void Dispose() => _limit?.Dispose();

    private CancellationTokenSource Limit
    {
        get
        {
            if (_limit is not null) return _limit;
            _limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            _limit.CancelAfter(Patience);
            return _limit;
        }
    }
}
