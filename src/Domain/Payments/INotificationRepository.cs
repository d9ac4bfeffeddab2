namespace PayRecharge.Domain.Payments;

/// <summary>The gateway's messages; all inside a unit of work.</summary>
public interface INotificationRepository
{
    /// <summary>Finds a gateway's message with this content.</summary>
    Task<Notification?> FindAsync(string gateway, string contentHash, CancellationToken cancellationToken);

    /// <summary>Finds a message by its id.</summary>
    Task<Notification?> FindAsync(long id, CancellationToken cancellationToken);

    /// <summary>Drops a message that stands in another row.</summary>
    void Remove(Notification notification);

    /// <summary>Adds a message.</summary>
    void Add(Notification notification);

    /// <summary>Drops all but the newest unsigned messages. It does so once in a while, not at each call.</summary>
    /// <param name="keep">How many stay.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task TrimUnsignedAsync(int keep, CancellationToken cancellationToken);
}
