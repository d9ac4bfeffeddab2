using System.Globalization;

namespace PayRecharge.Domain.Accounts;

/// <summary>The names of causes of account changes. Each has at most one ledger entry per kind.</summary>
public static class LedgerKeys
{
    /// <summary>A paid order.</summary>
    public static string Order(long orderId) => Of("order", orderId);
    /// <summary>A redeemed kami.</summary>
    public static string Kami(long kamiId) => Of("kami", kamiId);
    /// <summary>The goods taken back for a refunded order.</summary>
    public static string Refund(long orderId) => Of("refund", orderId);
    /// <summary>The opening of an account.</summary>
    public static string Opening(long uid) => Of("open", uid);
    /// <summary>A change by an admin.</summary>
    public static string Admin(Guid act) => "admin:" + act.ToString("N");

    private static string Of(string cause, long id) => string.Create(CultureInfo.InvariantCulture, $"{cause}:{id}");
}
