using MediatR;

namespace PayRecharge.Application.Settings;

/// <summary>Reads the settings, without secrets.</summary>
public sealed record ReadSettings : IRequest<SettingsView>;

internal sealed class ReadSettingsHandler(ISettingsStore store) : IRequestHandler<ReadSettings, SettingsView>
{
    public async Task<SettingsView> Handle(ReadSettings request, CancellationToken cancellationToken) =>
        SettingsView.Of(await store.GetAsync(cancellationToken));
}
