using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PayRecharge.Application;
using PayRecharge.Application.Accounts;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>A night's audit. An instance begins it by inserting the row, or by taking over an audit that never ended.</summary>
internal sealed class NightlyAudit
{
    public DateOnly Night { get; init; }
    public DateTimeOffset BeganAt { get; init; }
    /// <summary>The report as JSON; null until the audit ends.</summary>
    public string? Report { get; init; }
}

internal sealed class NightlyAudits(RechargeDbContext db, IUnitOfWork unit) : INightlyAudits
{
    /// <summary>The tolerated clock difference of two instances.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    public async Task<bool> TryBeginAsync(DateOnly night, DateTimeOffset now, DateTimeOffset staleBefore, CancellationToken cancellationToken)
    {
        var row = await db.NightlyAudits.AsNoTracking().SingleOrDefaultAsync(a => a.Night == night, cancellationToken);
        // An audit that begins in the future was begun under a clock that was ahead, and may never end.
        if (row is not null && (row.Report is not null || (row.BeganAt > staleBefore && row.BeganAt <= now + Slack))) return false;
        try
        {
            return await unit.ExecuteAsync(async cancel =>
            {
                if (row is not null)
                    return await db.NightlyAudits.Where(a => a.Night == night && a.BeganAt == row.BeganAt && a.Report == null)
                        .ExecuteUpdateAsync(a => a.SetProperty(x => x.BeganAt, now), cancel) == 1;
                db.NightlyAudits.Add(new NightlyAudit { Night = night, BeganAt = now });
                return true;
            }, cancellationToken);
        }
        catch (UniqueConstraintException)
        {
            return false;
        }
    }

    public Task EndAsync(DateOnly night, AuditReport report, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.Serialize(report);
        return unit.ExecuteAsync(cancel => db.NightlyAudits.Where(a => a.Night == night)
            .ExecuteUpdateAsync(a => a.SetProperty(x => x.Report, json), cancel), cancellationToken);
    }

    public async Task<IReadOnlyList<AuditReport>> ReadNewestAsync(int take, CancellationToken cancellationToken) =>
        (await db.NightlyAudits.AsNoTracking().Where(a => a.Report != null).OrderByDescending(a => a.Night).Take(take)
            .Select(a => a.Report!).ToListAsync(cancellationToken)).ConvertAll(json => JsonSerializer.Deserialize<AuditReport>(json)!);
}
