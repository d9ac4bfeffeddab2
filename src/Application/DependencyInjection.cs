using AutoMapper;
using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using PayRecharge.Application.Behaviors;
using PayRecharge.Application.Cards;
using PayRecharge.Application.Orders;
using PayRecharge.Application.Payments;

namespace PayRecharge.Application;

/// <summary>Registers the use cases.</summary>
public static class DependencyInjection
{
    /// <summary>Adds handlers, validators, behaviours and maps. Infrastructure adds the ports.</summary>
    public static IServiceCollection AddApplication(this IServiceCollection services)
    {
        services.AddTransient<ServiceFactory>(provider => provider.GetService!);
        services.AddScoped<IMediator, Mediator>();
        foreach (var handler in typeof(DependencyInjection).Assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false }))
            foreach (var contract in handler.GetInterfaces().Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IRequestHandler<,>)))
                services.AddTransient(contract, handler);
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(LoggingBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(ValidationBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(ChangeBehavior<,>));
        services.AddScoped<CurrentChange>();
        // Creating a validator costs more than running it, so those without dependencies are singletons.
        services.AddValidatorsFromAssembly(typeof(DependencyInjection).Assembly, ServiceLifetime.Singleton, v => NeedsNothing(v.ValidatorType), includeInternalTypes: true);
        services.AddValidatorsFromAssembly(typeof(DependencyInjection).Assembly, ServiceLifetime.Scoped, v => !NeedsNothing(v.ValidatorType), includeInternalTypes: true);
        services.AddScoped<Buyers>();
        services.AddScoped<OrderRules>();
        services.AddScoped<Redemption>();
        services.AddScoped<OrderPlacement>();
        services.AddScoped<OrderRecords>();
        services.AddSingleton<PaymentGateways>();
        services.AddScoped<Settlement>();
        services.AddSingleton<SharedSettlement>();
        services.AddScoped<Reconciliation>();
        // Created when an admin first needs it: start-up does without it.
        services.AddSingleton(_ => CreateMapper());
        return services;
    }

    private static bool NeedsNothing(Type validator) => validator.GetConstructor(Type.EmptyTypes) is not null;

    internal static IMapper CreateMapper() => new MapperConfiguration(maps => maps.AddProfile<ViewMaps>()).CreateMapper();
}
