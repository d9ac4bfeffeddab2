namespace PayRecharge.Application.Settings;

/// <summary>The settings in the database, with a cache of a few seconds.</summary>
public interface ISettingsStore
{
    /// <summary>Reads the settings from the cache. Changes by other instances appear within seconds.</summary>
    ValueTask<RechargeSettings> GetAsync(CancellationToken cancellationToken);

    /// <summary>Reads the settings from the database, as the basis of a change.</summary>
    Task<RechargeSettings> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Stores settings. They take effect on this instance immediately.</summary>
    /// <param name="basis">The settings as read.</param>
    /// <param name="settings">The new settings.</param>
    /// <param name="change">The admin's change in progress.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>False if they were changed since <paramref name="basis"/> was read; nothing was stored.</returns>
    Task<bool> TrySaveAsync(RechargeSettings basis, RechargeSettings settings, CurrentChange change, CancellationToken cancellationToken);
}
