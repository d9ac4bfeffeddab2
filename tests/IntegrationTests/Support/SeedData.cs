using Microsoft.EntityFrameworkCore;
using PayRecharge.Domain.Accounts;
using PayRecharge.Infrastructure.Persistence;

namespace PayRecharge.IntegrationTests.Support;

/// <summary>The data in the original API text's examples: order 75 with its kami, and the token of user 1.</summary>
internal static class SeedData
{
    public const string Token = "f2ffBQrtGYltiSuw5t";
    public const string GatewayOrderId = "2021050718271700671267492";
    public const string KamiCode = "16B085999F08E8404C48AF642C1CA8FF";

    /// <summary>Adds both; the order has been queried four times, so that the example's query is the fifth.</summary>
    public static async Task<int> AddAsync(RechargeDbContext db)
    {
        // 1620383241 and 1620383259 are the example's submitdate and time_end.
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO Orders (Id, Number, MerchantId, Mode, Uid, AmountFen, Title, Attach, Channel, Status, GatewayOrderId, TransactionId,
                CreatedAt, PaidAt, FulfilledAt, PaidLate, Purchase_Kind, Purchase_CreditType, Purchase_Credits, Purchase_TradeCredits,
                Purchase_Seconds, Purchase_Devices, Purchase_CardRuleId)
            VALUES (75, '20210507182721123456', '1600000001', 1, 1, 100, 'doby', 'goumaikami', 0, 2, {GatewayOrderId}, '4200000000202105070000000075',
                1620383241000, 1620383259000, 1620383260000, 0, 3, 0, 12000, 13000, 1000000, 10000, 9)
            """);
        await db.Database.ExecuteSqlAsync($"INSERT INTO OrderChecks (OrderId, Count) VALUES (75, 4)");
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO Kamis (Code, OrderId, Credits, TradeCredits, Seconds, Devices, CreatedAt) VALUES ({KamiCode}, 75, 12000, 13000, 1000000, 10000, 1620383260000)
            """);
        db.AccountTokens.Add(AccountToken.For(1, Token, expiresAt: null));
        return await db.SaveChangesAsync();
    }
}
