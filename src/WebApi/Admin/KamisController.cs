using MediatR;
using Microsoft.AspNetCore.Mvc;
using PayRecharge.Application.Cards;

namespace PayRecharge.WebApi.Admin;

/// <summary>The sold kamis.</summary>
[Route("api/admin/kamis")]
public sealed class KamisController(IMediator mediator) : AdminController
{
    /// <summary>Returns the buyer and the state of a kami. The code is a secret, so it is in the body and not in the URL.</summary>
    [HttpPost("search")]
    [ProducesResponseType<ValidationProblemDetails>(StatusCodes.Status400BadRequest, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")]
    public Task<KamiRecord> Search(ReadKami kami, CancellationToken cancellationToken) => mediator.Send(kami, cancellationToken);
}
