using MediatR;
using Microsoft.Extensions.Logging;
using PayRecharge.Application.Settings;

namespace PayRecharge.Application.Accounts;

/// <summary>Audits once a night, from 4 o'clock in the site's time zone, on one instance. Returns whether this call did it.</summary>
public sealed record AuditNightly : IRequest<bool>;

/// <summary>The nightly audits.</summary>
public interface INightlyAudits
{
    /// <summary>
    /// Claims a night's audit for this instance. An audit that began before <paramref name="staleBefore"/> and did not end is taken over.
    /// </summary>
    /// <returns>False if another instance has claimed it, or it is done.</returns>
    Task<bool> TryBeginAsync(DateOnly night, DateTimeOffset now, DateTimeOffset staleBefore, CancellationToken cancellationToken);

    /// <summary>Stores the report of a night's audit.</summary>
    Task EndAsync(DateOnly night, AuditReport report, CancellationToken cancellationToken);

    /// <summary>Reads the newest reports, newest first.</summary>
    Task<IReadOnlyList<AuditReport>> ReadNewestAsync(int take, CancellationToken cancellationToken);
}

internal sealed class AuditNightlyHandler(
    INightlyAudits audits, ISettingsStore store, IMediator mediator, TimeProvider clock, ILogger<AuditNightlyHandler> logger)
    : IRequestHandler<AuditNightly, bool>
{
    private static readonly TimeSpan LongestAudit = TimeSpan.FromHours(1);

    public async Task<bool> Handle(AuditNightly request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var zone = TimeZoneInfo.FindSystemTimeZoneById((await store.GetAsync(cancellationToken)).TimeZone);
        var local = TimeZoneInfo.ConvertTime(now, zone);
        var night = DateOnly.FromDateTime(local.DateTime);
        if (local.Hour < 4 || !await audits.TryBeginAsync(night, now, now - LongestAudit, cancellationToken)) return false;

        var report = await mediator.Send(new AuditLedger(), cancellationToken);
        foreach (var violation in report.Violations) logger.LogCritical("The nightly audit found a violation: {Rule} {Row}", violation.Rule, violation.Row);
        if (report.Sound) logger.LogInformation("The nightly audit found every rule kept");
        await audits.EndAsync(night, report, cancellationToken);
        return true;
    }
}
