namespace PayRecharge.Domain.Accounts;

/// <summary>A login found by its token.</summary>
/// <param name="Uid">The user id.</param>
/// <param name="ExpiresAt">When the token expires (UTC); null: never.</param>
/// <param name="Enabled">Whether the account is enabled; null if it no longer exists.</param>
public sealed record Login(long Uid, DateTimeOffset? ExpiresAt, bool? Enabled);
