using AutoMapper;
using MediatR;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Application.Payments;

/// <summary>Lists the gateway's messages for an admin, newest first, 100 at most.</summary>
/// <param name="Quarantined">Only those in quarantine, or only those that are not; absent: all.</param>
/// <param name="Before">Only messages with a lower id: the last one of the page before.</param>
public sealed record ListNotifications(bool? Quarantined, long? Before) : IRequest<IReadOnlyList<NotificationView>>;

/// <summary>A message of the gateway as an admin sees it.</summary>
public sealed class NotificationView
{
    /// <summary>The message's id.</summary>
    public long Id { get; set; }
    /// <summary>The code of the gateway that it is of.</summary>
    public string Gateway { get; set; } = "";
    /// <summary>How it came.</summary>
    public NotificationSource Source { get; set; }
    /// <summary>Whether it is whole and signed by a key that counts, or an admin stands for it. Of the others only the newest are kept.</summary>
    public bool Signed { get; set; }
    /// <summary>The order number it names.</summary>
    public string? OrderNumber { get; set; }
    /// <summary>Why it is in quarantine; absent where it is not.</summary>
    public string? QuarantineReason { get; set; }
    /// <summary>The message; anybody may have written it.</summary>
    public string Content { get; set; } = "";
    /// <summary>Where it came from.</summary>
    public string? RemoteAddress { get; set; }
    /// <summary>The amount in fen, where it was the first to report an order's payment.</summary>
    public long? AmountFen { get; set; }
    /// <summary>When that payment was made (UTC).</summary>
    public DateTimeOffset? PaidAt { get; set; }
    /// <summary>When it came first (UTC).</summary>
    public DateTimeOffset ReceivedAt { get; set; }
}

/// <summary>The gateway's messages as they are read.</summary>
public interface INotificationQueries
{
    /// <summary>The newest messages, at most <paramref name="take"/> with an id below <paramref name="before"/>.</summary>
    Task<IReadOnlyList<Notification>> ReadNewestAsync(bool? quarantined, long? before, int take, CancellationToken cancellationToken);
}

internal sealed class ListNotificationsHandler(INotificationQueries notifications, IMapper mapper)
    : IRequestHandler<ListNotifications, IReadOnlyList<NotificationView>>
{
    public async Task<IReadOnlyList<NotificationView>> Handle(ListNotifications request, CancellationToken cancellationToken) =>
        mapper.Map<List<NotificationView>>(await notifications.ReadNewestAsync(request.Quarantined, request.Before, 100, cancellationToken));
}
