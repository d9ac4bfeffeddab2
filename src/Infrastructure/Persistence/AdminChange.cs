namespace PayRecharge.Infrastructure.Persistence;

/// <summary>A change by an admin. Rows are only added.</summary>
internal sealed class AdminChange
{
    public long Id { get; init; }
    public DateTimeOffset At { get; init; }

    public string Actor { get; init; } = "";

    /// <summary>The caller's address.</summary>
    public string Address { get; init; } = "";

    /// <summary>The name of the message.</summary>
    public string Action { get; init; } = "";

    /// <summary>The changed object, such as <c>order 17</c>.</summary>
    public string Subject { get; init; } = "";

    /// <summary>The old state as JSON with secrets masked; null if there is nothing to compare.</summary>
    public string? Before { get; init; }

    /// <summary>The new state as JSON with secrets masked, and the admin's reason if the call asks for one.</summary>
    public string? After { get; init; }
}
