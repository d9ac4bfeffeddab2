namespace PayRecharge.Sandbox;

internal enum ReplyMode
{
    Normal,
    WrongSign,
    Unsigned,
    OtherAmount,
    OtherNumber,
    Garbage,
    EmptyObject,
    Html500,
    CutConnection,
    Silent,
}

internal enum Forgery
{
    None,

    /// <summary>The genuine fields, signed with another key.</summary>
    WrongSign,

    /// <summary>Another amount with the genuine signature, which does not cover it.</summary>
    WrongAmount,

    /// <summary>Another amount, no signature.</summary>
    Unsigned,
}

/// <summary>The faults to simulate; none by default. Read for every reply and every notification.</summary>
internal sealed record Quirks
{
    private const int MostDelaySeconds = 3600;
    private const int MostCopies = 20;
    private const int MostReplyDelayMilliseconds = 120_000;

    /// <summary>Delays an order's whole notification schedule; read when the order is paid.</summary>
    public int NotifyDelaySeconds { get; init; }

    /// <summary>How many copies of each notification are sent concurrently.</summary>
    public int NotifyCopies { get; init; } = 1;

    /// <summary>Holds a notification until the next order's has been sent, for at most 10 seconds.</summary>
    public bool NotifyReorder { get; init; }

    /// <summary>How many of a hundred notifications are dropped.</summary>
    public int NotifyDropPercent { get; init; }

    /// <summary>Sends a forged copy before the genuine notification.</summary>
    public Forgery NotifyForge { get; init; }

    /// <summary>Continues the schedule even after a 200.</summary>
    public bool NotifyIgnoresStatus { get; init; }

    public int ReplyDelayMilliseconds { get; init; }

    public ReplyMode ReplyMode { get; init; }

    /// <summary>The calls that the reply quirks apply to; all if null.</summary>
    public IReadOnlyList<PayjsCall>? ReplyEndpoints { get; init; }

    public bool AreInRange() =>
        NotifyDelaySeconds is >= 0 and <= MostDelaySeconds
        && NotifyCopies is >= 1 and <= MostCopies
        && NotifyDropPercent is >= 0 and <= 100
        && ReplyDelayMilliseconds is >= 0 and <= MostReplyDelayMilliseconds;

    public bool ApplyTo(PayjsCall call) => ReplyEndpoints?.Contains(call) ?? true;
}

internal sealed class QuirkSettings
{
    private volatile Quirks current = new();

    public Quirks Current
    {
        get => current;
        set => current = value;
    }
}
