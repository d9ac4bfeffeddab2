using System.Net;
using MediatR;
using PayRecharge.Domain.Accounts;
using PayRecharge.WebApi.Http;

namespace PayRecharge.WebApi.Legacy;

/// <summary>A call, once it was read. What most calls do not need is made when it is asked for.</summary>
internal sealed class LegacyCall(HttpContext context, LegacyParameters parameters, OrderProbes probes, KamiProbes kamiProbes, FailedOrders failedOrders, ReadyRules rules) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private CancellationTokenSource? _limit;

    /// <summary>What the client sent.</summary>
    public LegacyParameters Parameters => parameters;

    /// <summary>Who calls.</summary>
    public IPAddress Caller { get; } = Callers.AddressOf(context);

    /// <summary>How many unknown orders the caller may ask about.</summary>
    public OrderProbes Probes => probes;

    /// <summary>How many unknown kamis the caller may try.</summary>
    public KamiProbes KamiProbes => kamiProbes;

    /// <summary>The reply that lists the rules.</summary>
    public ReadyRules Rules => rules;

    /// <summary>How many of the caller's orders may fail at the gateway.</summary>
    public FailedOrders FailedOrders => failedOrders;

    /// <summary>What the token is of, for actions that take one.</summary>
    public Login? Login { get; set; }

    /// <summary>That the client has hung up.</summary>
    public CancellationToken Aborted => context.RequestAborted;

    /// <summary>The text of a parameter, empty where there is none.</summary>
    public string this[string name] => parameters[name] ?? "";

    /// <summary>Sends a message, within the time that a call may take.</summary>
    public Task<T> SendAsync<T>(IRequest<T> message) => context.RequestServices.GetRequiredService<IMediator>().Send(message, Limit.Token);

    /// <summary>Lets the call take that much longer, from now on.</summary>
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
