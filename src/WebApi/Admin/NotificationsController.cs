using MediatR;
using Microsoft.AspNetCore.Mvc;
using PayRecharge.Application.Payments;

namespace PayRecharge.WebApi.Admin;

/// <summary>The gateway's messages, stored as evidence.</summary>
[Route("api/admin/notifications")]
public sealed class NotificationsController(IMediator mediator) : AdminController
{
    /// <summary>Lists messages, newest first, 100 at most. Their content is untrusted.</summary>
    /// <param name="quarantined">True: only messages in quarantine; false: only the others; absent: all.</param>
    /// <param name="before">Only messages with a lower id: the last id of the previous page.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    [HttpGet]
    public Task<IReadOnlyList<NotificationView>> List(bool? quarantined, long? before, CancellationToken cancellationToken) =>
        mediator.Send(new ListNotifications(quarantined, before), cancellationToken);

    /// <summary>
    /// Judges a message in quarantine again, for example if the merchant key was set too late. The order that it pays for is delivered.
    /// </summary>
    [HttpPost("{id:long}/judge")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status502BadGateway, "application/problem+json")]
    public Task<NotificationView> Judge(long id, CancellationToken cancellationToken) => mediator.Send(new JudgeNotification(id), cancellationToken);
}
