namespace PayRecharge.Domain.Payments;

/// <summary>The gateway's messages; all inside a unit of work.</summary>
public interface INotificationRepository
{
    /// <summary>Finds the message with this content.</summary>
    Task<Notification?> FindAsync(string contentHash, CancellationToken cancellationToken);

    /// <summary>Adds a message.</summary>
    void Add(Notification notification);

    /// <summary>Drops all but the newest unsigned messages.</summary>
    Task TrimUnsignedAsync(int keep, CancellationToken cancellationToken);
}
