using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using PayRecharge.Application;
using PayRecharge.Application.Settings;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Cards;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>
/// Records the changes of one attempt of an admin's unit of work: collects every saved row, and stores one
/// <see cref="AdminChange"/> in the same transaction. Only changed values are recorded; secrets are masked.
/// </summary>
internal sealed class ChangeRecording : IDisposable
{
    // The recorded types, and the names of their rows. Other tables only store internal records.
    private static readonly Dictionary<Type, string> Names = new()
    {
        [typeof(Order)] = "order",
        [typeof(UserAccount)] = "user",
        [typeof(AccountToken)] = "token",
        [typeof(CardRule)] = "card-rule",
        [typeof(Kami)] = "kami",
        [typeof(Notification)] = "notification",
        [typeof(SettingsRow)] = "settings",
    };

    // Names of properties, of rows and of the settings.
    private static readonly HashSet<string> Secrets =
        [nameof(Kami.Code), nameof(AccountToken.Hash), nameof(Merchant.Key), nameof(RechargeSettings.TransportKey), nameof(SettingsRow.AdminKeyHash)];

    // The store records the document by fields; a stored message can be read in its table.
    private static readonly HashSet<string> LeftOut = [nameof(SettingsRow.Document), nameof(Notification.Body), nameof(Notification.Content)];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly RechargeDbContext _db;
    private readonly CurrentChange _change;
    private readonly TimeProvider _clock;
    private readonly Dictionary<object, Row> _rows = new(ReferenceEqualityComparer.Instance);
    private readonly JsonObject _before = [];
    private readonly JsonObject _after = [];

    private sealed record Row(EntityEntry Entry, EntityState State, Dictionary<string, object?> Before);

    public ChangeRecording(RechargeDbContext db, CurrentChange change, TimeProvider clock)
    {
        (_db, _change, _clock) = (db, change, clock);
        db.SavingChanges += TakeDown;
        db.Recording = this;
    }

    /// <summary>Records a change of the settings, which the database stores as one document.</summary>
    public void TakeDown(RechargeSettings before, RechargeSettings after) =>
        Compare(JsonSerializer.SerializeToNode(before, Json)!.AsObject(), JsonSerializer.SerializeToNode(after, Json)!.AsObject(), _before, _after);

    /// <summary>Stores the recorded changes, if any.</summary>
    public async Task StoreAsync(CancellationToken cancellationToken)
    {
        var made = _rows.Values.FirstOrDefault(r => r.State == EntityState.Added);
        foreach (var row in _rows.Values) Add(row);
        if (_before.Count + _after.Count == 0) return;
        if (_change.Reason is { } reason) _after["reason"] = reason;
        _db.AdminChanges.Add(new AdminChange
        {
            At = _clock.GetUtcNow(),
            Actor = _change.Actor,
            Address = _change.Address,
            Action = _change.Action!,
            Subject = _change.Subject ?? (made is null ? "" : NameOf(made.Entry)),
            Before = _before.Count == 0 ? null : _before.ToJsonString(),
            After = _after.Count == 0 ? null : _after.ToJsonString(),
        });
        await _db.SaveChangesAsync(cancellationToken);
    }

    public void Dispose()
    {
        _db.SavingChanges -= TakeDown;
        _db.Recording = null;
    }

    // A row may be saved more than once; its value before the first save counts.
    private void TakeDown(object? sender, SavingChangesEventArgs saving)
    {
        foreach (var entry in _db.ChangeTracker.Entries().Where(e => Names.ContainsKey(e.Metadata.ClrType)))
        {
            if (entry.State is not (EntityState.Added or EntityState.Modified or EntityState.Deleted)) continue;
            if (!_rows.TryGetValue(entry.Entity, out var row)) _rows.Add(entry.Entity, row = new(entry, entry.State, []));
            foreach (var property in entry.Properties.Where(p => entry.State != EntityState.Modified || p.IsModified))
                row.Before.TryAdd(property.Metadata.Name, entry.State == EntityState.Added ? null : property.OriginalValue);
        }
    }

    private void Add(Row row)
    {
        var (before, after) = (new JsonObject(), new JsonObject());
        foreach (var (name, was) in row.Before.Where(p => !LeftOut.Contains(p.Key)))
        {
            var now = row.State == EntityState.Deleted ? null : row.Entry.Property(name).CurrentValue;
            if (Equals(was, now)) continue;
            if (row.State != EntityState.Added) before[JsonNamingPolicy.CamelCase.ConvertName(name)] = Shown(name, was);
            if (row.State != EntityState.Deleted) after[JsonNamingPolicy.CamelCase.ConvertName(name)] = Shown(name, now);
        }
        if (before.Count > 0) _before[NameOf(row.Entry)] = before;
        if (after.Count > 0) _after[NameOf(row.Entry)] = after;
    }

    private static JsonNode? Shown(string name, object? value) =>
        value is null ? null : Secrets.Contains(name) ? "***" : JsonSerializer.SerializeToNode(value, Json);

    private static string NameOf(EntityEntry entry) =>
        $"{Names[entry.Metadata.ClrType]} {entry.Property(entry.Metadata.FindPrimaryKey()!.Properties[0].Name).CurrentValue}";

    private static void Compare(JsonObject was, JsonObject now, JsonObject before, JsonObject after)
    {
        foreach (var name in was.Select(p => p.Key).Union(now.Select(p => p.Key)).ToList())
        {
            var (old, young) = (was[name], now[name]);
            if (JsonNode.DeepEquals(old, young)) continue;
            if (old is JsonObject oldObject && young is JsonObject youngObject)
            {
                Compare(oldObject, youngObject, (before[name] = new JsonObject()).AsObject(), (after[name] = new JsonObject()).AsObject());
                continue;
            }
            before[name] = Masked(name, old);
            after[name] = Masked(name, young);
        }
    }

    private static JsonNode? Masked(string name, JsonNode? node) => node switch
    {
        null => null,
        _ when Secrets.Contains(name, StringComparer.OrdinalIgnoreCase) => "***",
        JsonObject fields => new JsonObject(fields.Select(f => KeyValuePair.Create(f.Key, Masked(f.Key, f.Value)))),
        JsonArray items => new JsonArray([.. items.Select(item => Masked(name, item))]),
        _ => node.DeepClone(),
    };
}
