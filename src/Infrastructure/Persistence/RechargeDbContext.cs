using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using MySqlConnector;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Cards;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>The tables, the same on both databases.</summary>
internal abstract class RechargeDbContext : DbContext
{
    // A failed unit of work is rolled back completely, so EF's two savepoint statements per save are useless.
    protected RechargeDbContext(DbContextOptions options) : base(options)
    {
        Database.AutoSavepointsEnabled = false;
        // By default EF detects changes at every access to the tracked entities; once per save is enough.
        ChangeTracker.AutoDetectChangesEnabled = false;
    }

    public DbSet<Order> Orders => Set<Order>();
    public DbSet<OrderChecks> OrderChecks => Set<OrderChecks>();
    public DbSet<PendingCheck> PendingChecks => Set<PendingCheck>();
    public DbSet<CardRule> CardRules => Set<CardRule>();
    public DbSet<Kami> Kamis => Set<Kami>();
    public DbSet<UserAccount> UserAccounts => Set<UserAccount>();
    public DbSet<AccountToken> AccountTokens => Set<AccountToken>();
    public DbSet<LedgerEntry> LedgerEntries => Set<LedgerEntry>();
    public DbSet<Notification> Notifications => Set<Notification>();
    public DbSet<NightlyAudit> NightlyAudits => Set<NightlyAudit>();
    public DbSet<AdminChange> AdminChanges => Set<AdminChange>();
    public DbSet<SettingsRow> Settings => Set<SettingsRow>();

    /// <summary>Records the changes of the current unit of work; null if they are not recorded.</summary>
    public ChangeRecording? Recording { get; set; }

    /// <summary>Makes a SELECT lock its rows until the transaction ends.</summary>
    public abstract string LockingClause { get; }

    /// <summary>The same, but skips rows that others have locked.</summary>
    public abstract string SkippingClause { get; }

    /// <summary>Begins a transaction that is sent as one command.</summary>
    public abstract string Begin { get; }

    /// <summary>Makes the next statement wait for a lock for one second at most.</summary>
    public abstract string WaitBriefly { get; }

    /// <summary>Makes the next statement fail if a row is locked.</summary>
    public abstract string DontWait { get; }

    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        ChangeTracker.DetectChanges();
        var over = ChangeTracker.Entries<Order>()
            .Where(o => o.State == EntityState.Modified && o.Entity.Status is OrderStatus.Fulfilled or OrderStatus.Closed or OrderStatus.Refunded && o.Property(x => x.Status).IsModified)
            .Select(o => o.Entity.Id).Order().ToList();
        var saved = await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        if (over.Count > 0) await EndChecksAsync(over, cancellationToken);
        return saved;
    }

    // A finished order needs no query, and its place among the open orders is free immediately.
    private async Task EndChecksAsync(List<long> orderIds, CancellationToken cancellationToken)
    {
        try
        {
            await Database.ExecuteSqlRawAsync(DontWait + " DELETE FROM PendingChecks WHERE OrderId IN (" + string.Join(", ", orderIds) + ")", cancellationToken);
        }
        catch (MySqlException exception) when (exception.ErrorCode == MySqlErrorCode.LockWaitTimeout)
        {
            // A delivery waits for no claim or nudge: the rows are removed when they are due. But a server with
            // innodb_rollback_on_timeout has rolled back the whole transaction, and a commit would store nothing.
            if (await Database.SqlQueryRaw<int>("SELECT @@in_transaction AS Value").SingleAsync(cancellationToken) == 0) throw;
        }
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Order>(order =>
        {
            order.Property(o => o.Number).HasMaxLength(32);
            order.Property(o => o.Gateway).HasMaxLength(16);
            order.Property(o => o.MerchantId).HasMaxLength(16);
            order.Property(o => o.Title).HasMaxLength(64);
            order.Property(o => o.Attach).HasMaxLength(127);
            order.Property(o => o.GatewayOrderId).HasMaxLength(32);
            order.Property(o => o.TransactionId).HasMaxLength(64);
            order.Property(o => o.Attention).HasMaxLength(255);
            // The row is also locked; this keeps the update conditional if the lock was lost with its connection.
            order.Property(o => o.Status).IsConcurrencyToken();
            order.ComplexProperty(o => o.Purchase);
            order.HasIndex(o => o.Number).IsUnique();
            order.HasIndex(o => new { o.GatewayOrderId, o.Gateway }).IsUnique();
            order.HasIndex(o => o.TransactionId);
            order.HasIndex(o => new { o.Uid, o.Status, o.CreatedAt, o.Id });
        });
        modelBuilder.Entity<OrderChecks>(checks =>
        {
            checks.HasKey(c => c.OrderId);
            checks.Property(c => c.OrderId).ValueGeneratedNever();
            checks.HasOne(c => c.Order).WithOne().HasForeignKey<OrderChecks>(c => c.OrderId);
        });
        modelBuilder.Entity<PendingCheck>(check =>
        {
            check.HasKey(c => c.OrderId);
            check.Property(c => c.OrderId).ValueGeneratedNever();
            check.HasOne(c => c.Order).WithOne().HasForeignKey<PendingCheck>(c => c.OrderId);
            check.Property(c => c.Gateway).HasMaxLength(16);
            check.HasIndex(c => new { c.Gateway, c.DueAt });
            check.HasIndex(c => new { c.Gateway, c.AskedAt });
            check.Property(c => c.Caller).HasMaxLength(64);
            check.HasIndex(c => c.Uid);
            check.HasIndex(c => c.Caller);
        });
        modelBuilder.Entity<CardRule>().Property(r => r.Id).ValueGeneratedNever();
        modelBuilder.Entity<Kami>(kami =>
        {
            kami.Property(k => k.Code).HasMaxLength(32);
            kami.Property(k => k.RedeemedAt).IsConcurrencyToken();
            kami.HasIndex(k => k.Code).IsUnique();
            kami.HasOne<Order>().WithOne().HasForeignKey<Kami>(k => k.OrderId);
        });
        modelBuilder.Entity<UserAccount>(account =>
        {
            account.HasKey(a => a.Uid);
            account.Property(a => a.UserName).HasMaxLength(64);
            account.Property(a => a.UserNameKey).HasMaxLength(64);
            account.Property(a => a.Email).HasMaxLength(254);
            account.Property(a => a.EmailKey).HasMaxLength(254);
            account.HasIndex(a => a.UserNameKey).IsUnique();
            account.HasIndex(a => a.EmailKey).IsUnique();
        });
        modelBuilder.Entity<AccountToken>(token =>
        {
            token.Property(t => t.Hash).HasMaxLength(64);
            token.HasIndex(t => t.Hash).IsUnique();
            token.HasIndex(t => new { t.Uid, t.Id });
        });
        modelBuilder.Entity<LedgerEntry>(entry =>
        {
            entry.Property(e => e.Key).HasMaxLength(64);
            entry.HasIndex(e => new { e.Key, e.Kind }).IsUnique();
            entry.HasIndex(e => new { e.Uid, e.Kind, e.Id });
        });
        modelBuilder.Entity<Notification>(notification =>
        {
            notification.Property(n => n.Gateway).HasMaxLength(16);
            notification.Property(n => n.ContentHash).HasMaxLength(64);
            notification.Property(n => n.OrderNumber).HasMaxLength(64);
            notification.Property(n => n.QuarantineReason).HasMaxLength(255);
            notification.Property(n => n.RemoteAddress).HasMaxLength(64);
            notification.Property(n => n.ContentType).HasMaxLength(255);
            notification.Ignore(n => n.Raw);
            notification.HasIndex(n => new { n.ContentHash, n.Gateway }).IsUnique();
            notification.HasIndex(n => n.OrderNumber);
            notification.HasIndex(n => new { n.Signed, n.Id });
        });
        modelBuilder.Entity<AdminChange>(change =>
        {
            change.Property(c => c.Actor).HasMaxLength(64);
            change.Property(c => c.Address).HasMaxLength(64);
            change.Property(c => c.Action).HasMaxLength(64);
            change.Property(c => c.Subject).HasMaxLength(128);
            change.HasIndex(c => c.Subject);
        });
        modelBuilder.Entity<NightlyAudit>().HasKey(a => a.Night);
        modelBuilder.Entity<SettingsRow>(row =>
        {
            row.Property(r => r.Id).ValueGeneratedNever();
            row.Property(r => r.AdminKeyHash).HasMaxLength(64);
        });
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();

    /// <summary>Times are Unix milliseconds: always UTC, and both databases compare and sort them in the same way.</summary>
    private sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(
        time => time.ToUnixTimeMilliseconds(), milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
}

internal sealed class SqliteRechargeDbContext(DbContextOptions<SqliteRechargeDbContext> options) : RechargeDbContext(options)
{
    // Every transaction locks the whole database from the start.
    public override string LockingClause => "";
    public override string SkippingClause => "";
    public override string Begin => "BEGIN IMMEDIATE;";
    public override string WaitBriefly => "";
    public override string DontWait => "";
}

internal sealed class MySqlRechargeDbContext(DbContextOptions<MySqlRechargeDbContext> options) : RechargeDbContext(options)
{
    public override string LockingClause => " FOR UPDATE";
    public override string SkippingClause => " FOR UPDATE SKIP LOCKED";
    public override string Begin => "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION;";
    // MySQL lacks this clause and reads a comment.
    public override string WaitBriefly => "/*M! SET STATEMENT innodb_lock_wait_timeout = 1 FOR */";
    public override string DontWait => "/*M! SET STATEMENT innodb_lock_wait_timeout = 0 FOR */";

    /// <summary>Codes, ids and folded names compare byte by byte, as on SQLite.</summary>
    public const string Collation = "utf8mb4_bin";

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.UseCollation(Collation);
    }
}
