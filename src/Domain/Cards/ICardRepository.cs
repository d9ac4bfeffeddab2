namespace PayRecharge.Domain.Cards;

/// <summary>Card rules and kamis; inside a unit of work unless one says otherwise.</summary>
public interface ICardRepository
{
    /// <summary>Finds a rule to change it.</summary>
    Task<CardRule?> FindRuleAsync(long id, CancellationToken cancellationToken);

    /// <summary>Adds a rule.</summary>
    void AddRule(CardRule rule);

    /// <summary>Takes a rule off the list; what was sold under it stays.</summary>
    void RemoveRule(CardRule rule);

    /// <summary>Adds a kami that was sold.</summary>
    void AddKami(Kami kami);

    /// <summary>Finds the kami an order paid for and locks it until the transaction ends.</summary>
    Task<Kami?> LockKamiOfAsync(long orderId, CancellationToken cancellationToken);

    /// <summary>Finds a kami by its code. For reading; it needs no unit of work.</summary>
    Task<Kami?> FindKamiAsync(string code, CancellationToken cancellationToken);

    /// <summary>Finds a kami by its code and locks it until the transaction ends.</summary>
    Task<Kami?> LockKamiAsync(string code, CancellationToken cancellationToken);
}
