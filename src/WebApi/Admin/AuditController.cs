using MediatR;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Mvc;
using PayRecharge.Application.Accounts;

namespace PayRecharge.WebApi.Admin;

/// <summary>The rules that must always hold.</summary>
[Route("api/admin/audit")]
public sealed class AuditController(IMediator mediator) : AdminController
{
    /// <summary>Checks orders, ledger, balances and kamis against each other, over the whole database.</summary>
    [HttpGet]
    [RequestTimeout(AuditTimeout)]
    public Task<AuditReport> Audit(CancellationToken cancellationToken) => mediator.Send(new AuditLedger(), cancellationToken);

    /// <summary>Lists the reports of the nightly audits, newest first, 31 at most.</summary>
    [HttpGet("nightly")]
    public Task<IReadOnlyList<AuditReport>> Nightly(CancellationToken cancellationToken) => mediator.Send(new ListNightlyAudits(), cancellationToken);
}
