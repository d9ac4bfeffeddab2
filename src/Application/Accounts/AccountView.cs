using PayRecharge.Domain.Accounts;

namespace PayRecharge.Application.Accounts;

/// <summary>A buyer's account.</summary>
public sealed class AccountView
{
    /// <summary>The user id.</summary>
    public long Uid { get; set; }
    /// <summary>The user name.</summary>
    public string UserName { get; set; } = "";
    /// <summary>The e-mail.</summary>
    public string? Email { get; set; }
    /// <summary>Whether the account may order.</summary>
    public bool Enabled { get; set; }
    /// <summary>The balances of the credit types 1–8, in this order.</summary>
    public List<long> Credits { get; set; } = [];
    /// <summary>When card time ends, in unix seconds; 0 is permanent.</summary>
    public long CardTimeExpiry { get; set; }
    /// <summary>How many devices may use the account at the same time.</summary>
    public long Devices { get; set; }
    /// <summary>When the account was created (UTC).</summary>
    public DateTimeOffset CreatedAt { get; set; }

    internal static List<long> CreditsOf(UserAccount account) => [.. Enumerable.Range(1, UserAccount.CreditTypes).Select(account.CreditsOf)];
}
