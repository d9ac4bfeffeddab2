using MediatR;

namespace PayRecharge.Application.Accounts;

/// <summary>Looks for money that is not where it should be: every rule that must always hold, checked over the whole database.</summary>
public sealed record AuditLedger : IRequest<AuditReport>;

/// <summary>What an audit found.</summary>
/// <param name="At">When it began (UTC).</param>
/// <param name="Sound">Whether every rule holds.</param>
/// <param name="Violations">What breaks a rule, 100 a rule at most.</param>
public sealed record AuditReport(DateTimeOffset At, bool Sound, IReadOnlyList<Violation> Violations);

/// <summary>A row that breaks a rule.</summary>
/// <param name="Rule">The rule, as a sentence.</param>
/// <param name="Row">Which row breaks it, and how.</param>
public sealed record Violation(string Rule, string Row);

/// <summary>The audit's look into the database.</summary>
public interface IAuditQueries
{
    /// <summary>Finds what breaks a rule, at most <paramref name="mostPerRule"/> rows a rule, all in one state of the database.</summary>
    Task<IReadOnlyList<Violation>> FindViolationsAsync(int mostPerRule, CancellationToken cancellationToken);
}

internal sealed class AuditLedgerHandler(IAuditQueries queries, TimeProvider clock) : IRequestHandler<AuditLedger, AuditReport>
{
    public async Task<AuditReport> Handle(AuditLedger request, CancellationToken cancellationToken)
    {
        var at = clock.GetUtcNow();
        var violations = await queries.FindViolationsAsync(100, cancellationToken);
        return new AuditReport(at, violations.Count == 0, violations);
    }
}
