namespace PayRecharge.Infrastructure.Persistence;

/// <summary>A change that an admin made. Rows are only ever added.</summary>
internal sealed class AdminChange
{
    public long Id { get; init; }
    public DateTimeOffset At { get; init; }

    /// <summary>Who made it.</summary>
    public string Actor { get; init; } = "";

    /// <summary>The address it came from.</summary>
    public string Address { get; init; } = "";

    /// <summary>What was done, as a code: the name of the message.</summary>
    public string Action { get; init; } = "";

    /// <summary>What was changed, such as <c>order 17</c>.</summary>
    public string Subject { get; init; } = "";

    /// <summary>What it was before, as JSON with secrets masked; absent where there is nothing to compare.</summary>
    public string? Before { get; init; }

    /// <summary>What it is now, as JSON with secrets masked, and the admin's reason where the call asks for one.</summary>
    public string? After { get; init; }
}
