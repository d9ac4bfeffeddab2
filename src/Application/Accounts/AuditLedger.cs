using MediatR;

namespace PayRecharge.Application.Accounts;

/// <summary>Looks for money that is not where it should be: every rule that must always hold, checked over the whole database.</summary>
public sealed record AuditLedger : IRequest<AuditReport>;

/// <summary>What an audit found.</summary>
/// <param name="At">When it began (UTC).</param>
/// <param name="Sound">Whether every rule holds.</param>
/// <param name="Violations">What breaks a rule, 100 a rule at most.</param>
/// <param name="Days">The newest 31 days on which something was paid, newest first.</param>
public sealed record AuditReport(DateTimeOffset At, bool Sound, IReadOnlyList<Violation> Violations, IReadOnlyList<DayTotals> Days);

/// <summary>A row that breaks a rule.</summary>
/// <param name="Rule">The rule, as a sentence.</param>
/// <param name="Row">Which row breaks it, and how.</param>
public sealed record Violation(string Rule, string Row);

/// <summary>What was paid on a day of the gateway's clock (China), refunds not deducted.</summary>
/// <param name="Day">The day.</param>
/// <param name="Orders">How many orders were paid.</param>
/// <param name="OrderFen">What those orders cost, in fen.</param>
/// <param name="ReportedFen">What the gateway reported, or an admin stands for, in fen.</param>
public sealed record DayTotals(DateOnly Day, long Orders, long OrderFen, long ReportedFen);

/// <summary>The audit's look into the database.</summary>
public interface IAuditQueries
{
    /// <summary>Finds what breaks a rule, at most <paramref name="mostPerRule"/> rows a rule, and the totals of the newest days; all in one state of the database.</summary>
    Task<(IReadOnlyList<Violation> Violations, IReadOnlyList<DayTotals> Days)> FindViolationsAsync(int mostPerRule, int days, CancellationToken cancellationToken);
}

internal sealed class AuditLedgerHandler(IAuditQueries queries, TimeProvider clock) : IRequestHandler<AuditLedger, AuditReport>
{
    public async Task<AuditReport> Handle(AuditLedger request, CancellationToken cancellationToken)
    {
        var at = clock.GetUtcNow();
        var (violations, days) = await queries.FindViolationsAsync(100, 31, cancellationToken);
        return new AuditReport(at, violations.Count == 0, violations, days);
    }
}
