using Microsoft.EntityFrameworkCore;
using PayRecharge.Domain.Cards;

namespace PayRecharge.Infrastructure.Persistence;

internal sealed class CardRepository(RechargeDbContext db) : ICardRepository
{
    public Task<CardRule?> FindRuleAsync(long id, CancellationToken cancellationToken) =>
        db.CardRules.SingleOrDefaultAsync(r => r.Id == id, cancellationToken);

    public void AddRule(CardRule rule) => db.CardRules.Add(rule);

    public void RemoveRule(CardRule rule) => db.CardRules.Remove(rule);

    public void AddKami(Kami kami) => db.Kamis.Add(kami);

    public Task<Kami?> FindKamiAsync(string code, CancellationToken cancellationToken) =>
        db.Kamis.AsNoTracking().SingleOrDefaultAsync(k => k.Code == code, cancellationToken);

    public Task<Kami?> LockKamiOfAsync(long orderId, CancellationToken cancellationToken) =>
        db.LockOneAsync<Kami>("SELECT * FROM Kamis WHERE OrderId = {0}", orderId, cancellationToken);

    public Task<Kami?> LockKamiAsync(string code, CancellationToken cancellationToken) =>
        db.LockOneAsync<Kami>("SELECT * FROM Kamis WHERE Code = {0}", code, cancellationToken);
}
