using MediatR;
using Microsoft.AspNetCore.Mvc;
using PayRecharge.Application.Payments;

namespace PayRecharge.WebApi.Admin;

/// <summary>The gateway's messages, kept as evidence.</summary>
[Route("api/admin/notifications")]
public sealed class NotificationsController(IMediator mediator) : AdminController
{
    /// <summary>Lists messages, newest first, 100 at most. Anybody may have written their content.</summary>
    /// <param name="quarantined">Only those in quarantine, or only those that are not; absent: all.</param>
    /// <param name="before">Only messages with a lower id: the last one of the page before.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    [HttpGet]
    public Task<IReadOnlyList<NotificationView>> List(bool? quarantined, long? before, CancellationToken cancellationToken) =>
        mediator.Send(new ListNotifications(quarantined, before), cancellationToken);

    /// <summary>Judges a message in quarantine anew, as when the merchant's key was set too late; what it pays for is delivered.</summary>
    [HttpPost("{id:long}/judge")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status502BadGateway, "application/problem+json")]
    public Task<NotificationView> Judge(long id, CancellationToken cancellationToken) => mediator.Send(new JudgeNotification(id), cancellationToken);
}
