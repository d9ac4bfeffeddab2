using System.Security.Cryptography;
using System.Text;

namespace PayRecharge.Domain.Accounts;

/// <summary>A login of an account. Only the hash of the token is stored.</summary>
public sealed class AccountToken
{
    private AccountToken() { }

    /// <summary>The row's id; a newer token has a higher id.</summary>
    public long Id { get; private set; }
    /// <summary>The user id.</summary>
    public long Uid { get; private set; }
    /// <summary>SHA-256 of the token, upper-case hex.</summary>
    public string Hash { get; private set; } = "";
    /// <summary>When the token expires (UTC); null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>Generates a token of 43 letters and digits (over 250 random bits). It needs no URL escaping.</summary>
    public static string Draw() =>
        RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 43);

    /// <summary>Creates the record of a token.</summary>
    public static AccountToken For(long uid, string token, DateTimeOffset? expiresAt) =>
        new() { Uid = uid, Hash = HashOf(token), ExpiresAt = expiresAt };

    /// <summary>The stored hash of a token. A look-up by hash leaks nothing about the token through timing.</summary>
    public static string HashOf(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
