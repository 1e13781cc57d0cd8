import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { i18n, startLanguage } from './i18n'
import { router } from './router'
import './styles/base.css'

startLanguage()
createApp(App).use(createPinia()).use(router).use(i18n).mount('#app')
