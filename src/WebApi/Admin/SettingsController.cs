using MediatR;
using Microsoft.AspNetCore.Mvc;
using PayRecharge.Application.Payments;
using PayRecharge.Application.Settings;

namespace PayRecharge.WebApi.Admin;

/// <summary>The owner's settings.</summary>
[Route("api/admin/settings")]
public sealed class SettingsController(IMediator mediator) : AdminController
{
    /// <summary>Reads the settings; for secrets, only whether they are set.</summary>
    [HttpGet]
    public Task<SettingsView> Read(CancellationToken cancellationToken) => mediator.Send(new ReadSettings(), cancellationToken);

    /// <summary>Changes the settings; omitted fields stay.</summary>
    [HttpPut]
    [ProducesResponseType<ValidationProblemDetails>(StatusCodes.Status400BadRequest, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status409Conflict, "application/problem+json")]
    public Task<SettingsView> Change(ChangeSettings change, CancellationToken cancellationToken) => mediator.Send(change, cancellationToken);

    /// <summary>
    /// Revokes a replaced merchant key, for example after a leak: it no longer verifies anything. <c>retiredKeys</c> in the settings lists
    /// the numbers; replace the key in use first. Payments signed with the revoked key are found by querying the gateway.
    /// </summary>
    [HttpPost("revoke-key")]
    [ProducesResponseType<ValidationProblemDetails>(StatusCodes.Status400BadRequest, "application/problem+json")]
    [ProducesResponseType<ProblemDetails>(StatusCodes.Status409Conflict, "application/problem+json")]
    public Task<SettingsView> RevokeKey(RevokeMerchantKey revocation, CancellationToken cancellationToken) => mediator.Send(revocation, cancellationToken);

    /// <summary>Tests the merchant and its key at the gateway; at most 6 times a minute.</summary>
    [HttpPost("merchant-trial")]
    public Task<MerchantTrial> TryMerchant(CancellationToken cancellationToken) => mediator.Send(new TryMerchant(), cancellationToken);
}
