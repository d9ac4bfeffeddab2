using MediatR;

namespace PayRecharge.Application.Accounts;

/// <summary>Looks for misplaced money: checks every rule that must always hold, over the whole database.</summary>
public sealed record AuditLedger : IRequest<AuditReport>;

/// <summary>The result of an audit.</summary>
/// <param name="At">When the audit began (UTC).</param>
/// <param name="Sound">Whether every rule holds.</param>
/// <param name="Violations">The rows that break a rule, at most 100 per rule.</param>
/// <param name="Days">The totals of the newest 31 days with payments, newest first.</param>
public sealed record AuditReport(DateTimeOffset At, bool Sound, IReadOnlyList<Violation> Violations, IReadOnlyList<DayTotals> Days);

/// <summary>A row that breaks a rule.</summary>
/// <param name="Rule">The rule, as a sentence.</param>
/// <param name="Row">The row, and how it breaks the rule.</param>
public sealed record Violation(string Rule, string Row);

/// <summary>The payments of a day in the gateway's time zone (China). Refunds are not deducted.</summary>
/// <param name="Day">The day.</param>
/// <param name="Orders">The number of paid orders.</param>
/// <param name="OrderFen">The total price of those orders, in fen.</param>
/// <param name="ReportedFen">The total that the gateway reported or an admin confirmed, in fen.</param>
public sealed record DayTotals(DateOnly Day, long Orders, long OrderFen, long ReportedFen);

/// <summary>The database queries of the audit.</summary>
public interface IAuditQueries
{
    /// <summary>Finds rows that break a rule, and the totals of the newest days, in one snapshot.</summary>
    /// <param name="mostPerRule">The maximum number of rows per rule.</param>
    /// <param name="days">The maximum number of days.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
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
