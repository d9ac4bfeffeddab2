using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PayRecharge.Application;
using PayRecharge.Domain.Accounts;
using PayRecharge.Infrastructure.Persistence;

namespace PayRecharge.Infrastructure;

/// <summary>
/// The key of the admin API: <c>Admin:ApiKey</c> if configured, else a key drawn at the first start. The database stores only the hash of
/// a drawn key; the key itself is in <c>admin-key.txt</c>, which only its owner can read.
/// </summary>
public sealed partial class AdminKey
{
    private const string FileName = "admin-key.txt";

    private readonly IServiceScopeFactory _scopes;
    private readonly ILogger<AdminKey> _logger;
    private readonly string? _preset;
    private byte[] _hash = [];

    /// <summary>Reads <c>Admin:ApiKey</c>.</summary>
    /// <exception cref="InvalidOperationException">The configured key is weaker than 128 bits.</exception>
    public AdminKey(IConfiguration configuration, IServiceScopeFactory scopes, ILogger<AdminKey> logger)
    {
        (_scopes, _logger) = (scopes, logger);
        if (configuration["Admin:ApiKey"] is not { Length: > 0 } preset) return;
        // 22 characters of base64url or 32 of hex hold 128 bits. Counting distinct ones refuses "aaaa…" and "12341234…".
        if (!Visible().IsMatch(preset) || preset.Distinct().Count() < 8)
            throw new InvalidOperationException(
                "Admin:ApiKey is too weak: it needs at least 22 random characters of visible ASCII, at least 8 of them different, as from 'openssl rand -hex 16'.");
        _preset = preset;
    }

    /// <summary>Whether a key is the admin key. Takes the same time for every wrong key.</summary>
    public bool Matches(string key) => _hash.Length > 0 && CryptographicOperations.FixedTimeEquals(_hash, HashOf(key));

    /// <summary>Reads the key's hash, or draws a key if there is none. Of several instances one wins.</summary>
    /// <param name="folder">The folder of the key file.</param>
    /// <param name="cancellationToken">Cancels the setup.</param>
    internal async Task SetUpAsync(string folder, CancellationToken cancellationToken)
    {
        if (_preset is not null)
        {
            _hash = HashOf(_preset);
            return;
        }
        await using var scope = _scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RechargeDbContext>();
        if (await StoredAsync(db, cancellationToken) is not { } stored)
        {
            var key = AccountToken.Draw();
            var hash = Convert.ToHexString(HashOf(key));
            // The file is written first: a crash may leave a file with an unused key, but never a hash without its key. Until this key has
            // won, the file is named after the hash: another instance's key may already have the final name.
            var file = await WriteAsync(folder, hash, key, cancellationToken);
            // A unit of work is not repeated after an unknown commit: a repeat would not recognize its own key.
            var won = await scope.ServiceProvider.GetRequiredService<IUnitOfWork>().ExecuteAsync(cancel => db.Settings.Where(r => r.AdminKeyHash == null)
                .ExecuteUpdateAsync(r => r.SetProperty(x => x.AdminKeyHash, hash), cancel), cancellationToken) == 1;
            if (won) _logger.LogWarning("The admin API's key was drawn and is in {File}", Path.Combine(folder, FileName));
            else File.Delete(file);
            stored = await StoredAsync(db, cancellationToken) ?? throw new InvalidOperationException("The admin key's hash is gone.");
        }
        _hash = Convert.FromHexString(stored);
        PutInPlace(folder);
    }

    // New keys, keys of earlier versions and keys of other databases in this folder are in files with longer names. The key of this
    // database gets the file name given in the README; another file with that name is renamed and kept.
    private void PutInPlace(string folder)
    {
        var place = Path.Combine(folder, FileName);
        // Another instance may do the same in this folder: then try again.
        for (var tries = 0; tries < 5 && Directory.Exists(folder) && !Holds(place); tries++)
        {
            if (Array.Find(Directory.GetFiles(folder, "admin-key-*.txt"), Holds) is not { } file) return;
            try
            {
                if (File.Exists(place)) File.Move(place, Named(folder, Convert.ToHexString(HashOf(File.ReadAllText(place).Trim()))), overwrite: true);
                File.Move(file, place);
            }
            catch (IOException)
            {
                // The other instance was faster.
            }
        }
    }

    private bool Holds(string file)
    {
        try
        {
            return Matches(File.ReadAllText(file).Trim());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static Task<string?> StoredAsync(RechargeDbContext db, CancellationToken cancellationToken) =>
        db.Settings.AsNoTracking().Select(r => r.AdminKeyHash).SingleAsync(cancellationToken);

    private static async Task<string> WriteAsync(string folder, string hash, string key, CancellationToken cancellationToken)
    {
        DataFolder.Create(folder);
        var file = Named(folder, hash);
        var owner = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) owner.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var stream = new FileStream(file, owner);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(key + "\n"), cancellationToken);
        return file;
    }

    private static string Named(string folder, string hash) => Path.Combine(folder, $"admin-key-{hash[..8].ToLowerInvariant()}.txt");

    private static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    [GeneratedRegex("^[\\x21-\\x7E]{22,}\\z")]
    private static partial Regex Visible();
}
