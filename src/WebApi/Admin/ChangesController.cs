using MediatR;
using Microsoft.AspNetCore.Mvc;
using PayRecharge.Application;

namespace PayRecharge.WebApi.Admin;

/// <summary>What admins changed.</summary>
[Route("api/admin/changes")]
public sealed class ChangesController(IMediator mediator) : AdminController
{
    /// <summary>Lists changes, newest first, 100 at most. What was refused, or changed nothing, is not among them.</summary>
    [HttpGet]
    public Task<IReadOnlyList<AdminChangeView>> List([FromQuery] ListChanges filter, CancellationToken cancellationToken) => mediator.Send(filter, cancellationToken);
}
