using MediatR;
using Microsoft.AspNetCore.Mvc;
using PayRecharge.Application;

namespace PayRecharge.WebApi.Admin;

/// <summary>The changes made by admins.</summary>
[Route("api/admin/changes")]
public sealed class ChangesController(IMediator mediator) : AdminController
{
    /// <summary>Lists changes, newest first, 100 at most. Refused calls and calls that changed nothing are not listed.</summary>
    [HttpGet]
    public Task<IReadOnlyList<AdminChangeView>> List([FromQuery] ListChanges filter, CancellationToken cancellationToken) => mediator.Send(filter, cancellationToken);
}
