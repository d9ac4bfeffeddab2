namespace PayRecharge.Infrastructure.Persistence;

/// <summary>The one row of settings.</summary>
internal sealed class SettingsRow
{
    public const int TheId = 1;

    public int Id { get; init; } = TheId;

    /// <summary>Rises with every change of <see cref="Document"/>.</summary>
    public long Version { get; set; }

    /// <summary>The settings as JSON.</summary>
    public string Document { get; set; } = "";

    /// <summary>SHA-256 of the admin key that was generated, upper-case hex; absent until one was.</summary>
    public string? AdminKeyHash { get; set; }
}
