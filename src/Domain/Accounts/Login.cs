namespace PayRecharge.Domain.Accounts;

/// <summary>A login, as it is found by its token.</summary>
/// <param name="Uid">The account.</param>
/// <param name="ExpiresAt">When the token ends (UTC); absent: never.</param>
/// <param name="Enabled">Whether the account is enabled; absent where it is gone.</param>
public sealed record Login(long Uid, DateTimeOffset? ExpiresAt, bool? Enabled);
