using MediatR;

namespace PayRecharge.Application.Accounts;

/// <summary>Lists what the newest nightly audits found, newest first, 31 at most.</summary>
public sealed record ListNightlyAudits : IRequest<IReadOnlyList<AuditReport>>;

internal sealed class ListNightlyAuditsHandler(INightlyAudits audits) : IRequestHandler<ListNightlyAudits, IReadOnlyList<AuditReport>>
{
    public Task<IReadOnlyList<AuditReport>> Handle(ListNightlyAudits request, CancellationToken cancellationToken) =>
        audits.ReadNewestAsync(31, cancellationToken);
}
