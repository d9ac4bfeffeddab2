using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PayRecharge.Application;

namespace PayRecharge.Infrastructure.Persistence;

internal sealed class AdminChanges(RechargeDbContext db) : IAdminChanges
{
    public async Task<IReadOnlyList<AdminChangeView>> ReadNewestAsync(string? subject, long? before, int take, CancellationToken cancellationToken)
    {
        var changes = db.AdminChanges.AsNoTracking();
        if (subject is not null) changes = changes.Where(c => c.Subject == subject);
        if (before is not null) changes = changes.Where(c => c.Id < before);
        return (await changes.OrderByDescending(c => c.Id).Take(take).ToListAsync(cancellationToken)).ConvertAll(c =>
            new AdminChangeView(c.Id, c.At, c.Actor, c.Address, c.Action, c.Subject, Parse(c.Before), Parse(c.After)));
    }

    private static JsonElement? Parse(string? json) => json is null ? null : JsonSerializer.Deserialize<JsonElement>(json);
}
