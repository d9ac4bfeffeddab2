using MediatR;

namespace PayRecharge.Application.Accounts;

/// <summary>Lists the reports of the newest nightly audits, newest first, at most 31.</summary>
public sealed record ListNightlyAudits : IRequest<IReadOnlyList<AuditReport>>;

internal sealed class ListNightlyAuditsHandler(INightlyAudits audits) : IRequestHandler<ListNightlyAudits, IReadOnlyList<AuditReport>>
{
    public Task<IReadOnlyList<AuditReport>> Handle(ListNightlyAudits request, CancellationToken cancellationToken) =>
        audits.ReadNewestAsync(31, cancellationToken);
}
