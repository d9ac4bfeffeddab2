namespace PayRecharge.Domain.Cards;

/// <summary>Card rules and kamis. Methods need a unit of work, unless they say otherwise.</summary>
public interface ICardRepository
{
    /// <summary>Finds a rule for a change.</summary>
    Task<CardRule?> FindRuleAsync(long id, CancellationToken cancellationToken);

    /// <summary>Adds a rule.</summary>
    void AddRule(CardRule rule);

    /// <summary>Removes a rule. Orders and kamis sold under it stay.</summary>
    void RemoveRule(CardRule rule);

    /// <summary>Adds a sold kami.</summary>
    void AddKami(Kami kami);

    /// <summary>Finds the kami of an order and locks it until the transaction ends.</summary>
    Task<Kami?> LockKamiOfAsync(long orderId, CancellationToken cancellationToken);

    /// <summary>Finds a kami by its code, read-only. Needs no unit of work.</summary>
    Task<Kami?> FindKamiAsync(string code, CancellationToken cancellationToken);

    /// <summary>Finds a kami by its code and locks it until the transaction ends.</summary>
    Task<Kami?> LockKamiAsync(string code, CancellationToken cancellationToken);
}
