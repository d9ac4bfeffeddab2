using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PayRecharge.Application;
using PayRecharge.Domain.Accounts;
using PayRecharge.Infrastructure.Persistence;

namespace PayRecharge.Infrastructure;

/// <summary>
/// The key of the admin API: <c>Admin:ApiKey</c> where that is configured, else one drawn at the first start, which only its hash
/// in the database and a file for the owner's eyes know.
/// </summary>
public sealed class AdminKey(IConfiguration configuration, IServiceScopeFactory scopes, ILogger<AdminKey> logger)
{
    private byte[] _hash = [];

    /// <summary>Whether a key is the admin's; takes the same time for every wrong one.</summary>
    public bool Matches(string key) => _hash.Length > 0 && CryptographicOperations.FixedTimeEquals(_hash, HashOf(key));

    /// <summary>Reads the key's hash, or draws a key where there is none yet; of several instances one wins.</summary>
    /// <param name="folder">Where the file with a new key goes.</param>
    /// <param name="cancellationToken">Ends the setup.</param>
    internal async Task SetUpAsync(string folder, CancellationToken cancellationToken)
    {
        if (configuration["Admin:ApiKey"] is { Length: > 0 } preset)
        {
            _hash = HashOf(preset);
            return;
        }
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RechargeDbContext>();
        if (await StoredAsync(db, cancellationToken) is not { } stored)
        {
            var key = AccountToken.Draw();
            var hash = Convert.ToHexString(HashOf(key));
            // Written first: a crash may leave a file without a key behind, but never a key that nobody has.
            var file = await WriteAsync(folder, key, cancellationToken);
            // As a unit of work, which is not repeated when its commit is unknown: a second try would not find its own first.
            var won = await scope.ServiceProvider.GetRequiredService<IUnitOfWork>().ExecuteAsync(cancel => db.Settings.Where(r => r.AdminKeyHash == null)
                .ExecuteUpdateAsync(r => r.SetProperty(x => x.AdminKeyHash, hash), cancel), cancellationToken) == 1;
            if (won) logger.LogWarning("The admin API's key was drawn and is in {File}", file);
            else File.Delete(file);
            stored = await StoredAsync(db, cancellationToken) ?? throw new InvalidOperationException("The admin key's hash is gone.");
        }
        _hash = Convert.FromHexString(stored);
    }

    private static Task<string?> StoredAsync(RechargeDbContext db, CancellationToken cancellationToken) =>
        db.Settings.AsNoTracking().Select(r => r.AdminKeyHash).SingleAsync(cancellationToken);

    private static async Task<string> WriteAsync(string folder, string key, CancellationToken cancellationToken)
    {
        DataFolder.Create(folder);
        var file = Path.Combine(folder, $"admin-key-{RandomNumberGenerator.GetHexString(8, lowercase: true)}.txt");
        var owner = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) owner.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var stream = new FileStream(file, owner);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(key + "\n"), cancellationToken);
        return file;
    }

    private static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
