using MediatR;
using Microsoft.AspNetCore.Mvc;
using PayRecharge.Application.Payments;
using PayRecharge.Application.Settings;

namespace PayRecharge.WebApi.Admin;

/// <summary>The owner's settings.</summary>
[Route("api/admin/settings")]
public sealed class SettingsController(IMediator mediator) : AdminController
{
    /// <summary>Reads the settings; of secrets only whether they are set.</summary>
    [HttpGet]
    public Task<SettingsView> Read(CancellationToken cancellationToken) => mediator.Send(new ReadSettings(), cancellationToken);

    /// <summary>Changes the settings; what is left out stays.</summary>
    [HttpPut]
    [ProducesResponseType<ValidationProblemDetails>(StatusCodes.Status400BadRequest, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status409Conflict, "application/problem+json")]
    public Task<SettingsView> Change(ChangeSettings change, CancellationToken cancellationToken) => mediator.Send(change, cancellationToken);

    /// <summary>
    /// Has a replaced merchant key verify nothing more, as when somebody else may know it. <c>retiredKeys</c> of the settings tells
    /// the numbers; the key in use has to be replaced first. Payments that the gateway signed with it are found by asking the gateway.
    /// </summary>
    [HttpPost("revoke-key")]
    [ProducesResponseType<ValidationProblemDetails>(StatusCodes.Status400BadRequest, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status409Conflict, "application/problem+json")]
    public Task<SettingsView> RevokeKey(RevokeMerchantKey revocation, CancellationToken cancellationToken) => mediator.Send(revocation, cancellationToken);

    /// <summary>Tries the merchant and its key on the gateway; at most 6 times a minute.</summary>
    [HttpPost("merchant-trial")]
    public Task<MerchantTrial> TryMerchant(CancellationToken cancellationToken) => mediator.Send(new TryMerchant(), cancellationToken);
}
