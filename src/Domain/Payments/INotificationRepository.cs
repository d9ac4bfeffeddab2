namespace PayRecharge.Domain.Payments;

/// <summary>The gateway's messages. All methods need a unit of work.</summary>
public interface INotificationRepository
{
    /// <summary>Finds a message of a gateway by the hash of its content.</summary>
    Task<Notification?> FindAsync(string gateway, string contentHash, CancellationToken cancellationToken);

    /// <summary>Finds a message by its id.</summary>
    Task<Notification?> FindAsync(long id, CancellationToken cancellationToken);

    /// <summary>Removes a message that another row now contains.</summary>
    void Remove(Notification notification);

    /// <summary>Adds a message.</summary>
    void Add(Notification notification);

    /// <summary>Removes all but the newest unsigned messages. Most calls do nothing.</summary>
    /// <param name="keep">How many of them stay.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task TrimUnsignedAsync(int keep, CancellationToken cancellationToken);
}
