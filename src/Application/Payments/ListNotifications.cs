using AutoMapper;
using MediatR;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Application.Payments;

/// <summary>Lists the gateway's messages, newest first, at most 100.</summary>
/// <param name="Quarantined">True: only messages in quarantine; false: only the others; absent: all.</param>
/// <param name="Before">Only messages with a lower id: the last id of the previous page.</param>
public sealed record ListNotifications(bool? Quarantined, long? Before) : IRequest<IReadOnlyList<NotificationView>>;

/// <summary>A message of the gateway.</summary>
public sealed class NotificationView
{
    /// <summary>The message's id.</summary>
    public long Id { get; set; }
    /// <summary>The code of the gateway.</summary>
    public string Gateway { get; set; } = "";
    /// <summary>How the message arrived.</summary>
    public NotificationSource Source { get; set; }
    /// <summary>
    /// Whether the message is complete and signed by a valid key, or an admin confirmed it. Of other messages, only the newest are stored.
    /// </summary>
    public bool Signed { get; set; }
    /// <summary>The merchant's number of the order, if the message names one.</summary>
    public string? OrderNumber { get; set; }
    /// <summary>Why the message is in quarantine; absent if it is not.</summary>
    public string? QuarantineReason { get; set; }
    /// <summary>The message as text. It is untrusted: anyone may have written it.</summary>
    public string Content { get; set; } = "";
    /// <summary>The sender's address; absent unless the message is a notice.</summary>
    public string? RemoteAddress { get; set; }
    /// <summary>The amount in fen, if this message was the first to report an order's payment.</summary>
    public long? AmountFen { get; set; }
    /// <summary>When that payment was made (UTC).</summary>
    public DateTimeOffset? PaidAt { get; set; }
    /// <summary>When the message first arrived (UTC).</summary>
    public DateTimeOffset ReceivedAt { get; set; }
}

/// <summary>The database queries of the gateway's messages.</summary>
public interface INotificationQueries
{
    /// <summary>Reads the newest messages, at most <paramref name="take"/>, with an id below <paramref name="before"/>.</summary>
    Task<IReadOnlyList<Notification>> ReadNewestAsync(bool? quarantined, long? before, int take, CancellationToken cancellationToken);
}

internal sealed class ListNotificationsHandler(INotificationQueries notifications, IMapper mapper)
    : IRequestHandler<ListNotifications, IReadOnlyList<NotificationView>>
{
    public async Task<IReadOnlyList<NotificationView>> Handle(ListNotifications request, CancellationToken cancellationToken) =>
        mapper.Map<List<NotificationView>>(await notifications.ReadNewestAsync(request.Quarantined, request.Before, 100, cancellationToken));
}
