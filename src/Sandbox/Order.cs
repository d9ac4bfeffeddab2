using System.Security.Cryptography;

namespace PayRecharge.Sandbox;

internal enum OrderState
{
    Unpaid,
    Paid,
    Refunded,
    Closed,
    Expired,
}

/// <summary>An order. Each transition returns the previous state: callers can tell done, already done and impossible apart.</summary>
internal sealed class Order(string id, string code, string merchantId, OrderTerms terms, DateTimeOffset created)
{
    private static readonly TimeSpan CodeLife = TimeSpan.FromHours(2);
    private const int AttemptsKept = 200;

    private readonly Lock gate = new();
    private readonly Queue<NotifyAttempt> attempts = [];
    private readonly TaskCompletionSource delivered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool closed;
    private bool refunded;

    public string Id => id;

    /// <summary>Identifies the order in its payment code; much shorter than the id.</summary>
    public string Code => code;

    public string MerchantId => merchantId;

    public OrderTerms Terms => terms;

    public DateTimeOffset Created => created;

    public Payment? Payment { get; private set; }

    /// <summary>Completes when no further notification is needed.</summary>
    public Task Delivered => delivered.Task;

    public NotifyAttempt[] Attempts
    {
        get { lock (gate) return [.. attempts]; }
    }

    public OrderState StateAt(DateTimeOffset now)
    {
        lock (gate)
        {
            return refunded ? OrderState.Refunded
                : Payment is not null ? OrderState.Paid
                : closed ? OrderState.Closed
                : now >= created + CodeLife || now >= terms.Expires ? OrderState.Expired
                : OrderState.Unpaid;
        }
    }

    public OrderState Pay(DateTimeOffset now)
    {
        lock (gate)
        {
            var found = StateAt(now);
            if (found == OrderState.Unpaid)
                Payment = Payment.Make(now);
            return found;
        }
    }

    public OrderState Close(DateTimeOffset now)
    {
        lock (gate)
        {
            var found = StateAt(now);
            closed |= found is OrderState.Unpaid or OrderState.Expired;
            return found;
        }
    }

    public OrderState Refund(DateTimeOffset now)
    {
        lock (gate)
        {
            var found = StateAt(now);
            refunded |= found == OrderState.Paid;
            return found;
        }
    }

    public void EndNotifying() => delivered.TrySetResult();

    public void Record(NotifyAttempt attempt)
    {
        lock (gate)
        {
            attempts.Enqueue(attempt);
            if (attempts.Count > AttemptsKept)
                attempts.Dequeue();
        }
    }
}

internal sealed record Payment(DateTimeOffset At, string TransactionId, string OpenId)
{
    public static Payment Make(DateTimeOffset now) => new(
        now,
        $"4200000{Digits(3)}{BeijingTime.Day(now)}{Digits(10)}",
        $"oSandbox{RandomNumberGenerator.GetHexString(20, lowercase: true)}");

    private static string Digits(int length) => RandomNumberGenerator.GetString("0123456789", length);
}
